/// The outcome of an evaluation: means, values by query, and the rules they were made under.
public struct EvaluationReport: Sendable {
  /// Mean of each metric over the queries counted, in [0, 1].
  public internal(set) var metrics: [Metric: Double] = [:]
  /// Query id → metric → value, for the queries counted.
  public internal(set) var perQuery: [String: [Metric: Double]] = [:]
  /// Number of judged queries the run has no entry for.
  public internal(set) var unansweredQueries = 0
  /// Number of judged queries without one relevant passage.
  public internal(set) var queriesWithoutRelevant = 0
  /// The rules all of it was made under.
  public let rules: EvaluationRules

  init(rules: EvaluationRules) {
    self.rules = rules
  }

  /// Number of queries counted in the means.
  public var queries: Int { perQuery.count }

  /// The means under the names users read, such as `ndcg@10`.
  public var metricsByName: [String: Double] {
    Dictionary(metrics.map { ($0.key.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// The metric's value for each query counted, in ascending order of query ids; empty when the
  /// metric was not asked for. What ``bootstrapInterval(_:samples:confidence:seed:)`` takes.
  public func values(of metric: Metric) -> [Double] {
    perQuery.keys.sorted(by: precedesInBytes).compactMap { perQuery[$0]?[metric] }
  }

  /// Sums in a fixed order, so that the means do not depend on the order of a dictionary.
  mutating func average(_ wanted: [Metric]) throws(EvaluationError) {
    guard !perQuery.isEmpty else {
      throw EvaluationError(
        .invalidArgument,
        "no judged query is left to average over; do the ids of the judgements and the run agree?")
    }
    let ordered = perQuery.sorted { precedesInBytes($0.key, $1.key) }.map(\.value)
    for metric in wanted {
      metrics[metric] = ordered.reduce(0) { $0 + ($1[metric] ?? 0) } / Double(ordered.count)
    }
  }
}
