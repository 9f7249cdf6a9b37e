import Evaluation
import Tensors

/// Judged questions and how well towers answer them, by exact search over all passages.
struct Judged: Sendable {
  private let qrels: Qrels
  private let ids: [String]
  private let rows: [Int]

  /// What is measured.
  static let metrics: [Metric] = [
    .mrr(10), .recall(1), .recall(5), .recall(20), .recall(100), .mrr(100),
  ]

  init(_ qrels: Qrels, places: FeaturePlaces) throws {
    self.qrels = qrels
    ids = qrels.judgements.keys.sorted()
    rows = try ids.map {
      guard let row = places.queries[$0] else { throw ExperimentError("no features of \($0)") }
      return row
    }
  }

  /// Means by name, and the rank of each question's passage, in ascending order of ids.
  func evaluate(
    queries: (Matrix) -> Matrix, passages: (Matrix) -> Matrix, features: FeatureSet
  ) throws -> (metrics: [String: Double], ranks: Ranks) {
    let answers = exactTopK(
      queries: queries(features.queries.gathering(rows)), passages: passages(features.passages),
      k: 100)
    let hits = answers.map { found in
      found.map { (id: features.passageIDs[$0.row], score: Double($0.score)) }
    }
    var rules = EvaluationRules()
    rules.ties = .runOrder
    let report = try Evaluation.evaluate(
      run: Run(results: Dictionary(uniqueKeysWithValues: zip(ids, hits))), qrels: qrels,
      metrics: Self.metrics, rules: rules)
    let ranks = ids.map { id -> UInt8 in
      let value = report.perQuery[id]?[.mrr(100)] ?? 0
      return value > 0 ? UInt8((1 / value).rounded()) : 0
    }
    return (report.metricsByName, Ranks(ranks))
  }
}
