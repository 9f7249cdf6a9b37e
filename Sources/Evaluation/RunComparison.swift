/// Two runs on the same judgements, metric by metric.
public struct RunComparison: Sendable {
  /// One metric of both.
  public struct Line: Sendable {
    public let metric: Metric
    /// Mean of each over the queries that both counted.
    public let first: Double, second: Double
    /// Their difference, first minus second.
    public let test: PairedTest
  }

  /// In the order the metrics were asked for.
  public let lines: [Line]

  /// Compares two evaluations made under the same rules; see ``PairedTest``.
  ///
  /// - Parameters:
  ///   - samples: bootstrap resamples, and random sign patterns, for each metric.
  ///   - confidence: coverage of the intervals, inside (0, 1).
  ///   - seed: the same seed gives the same figures.
  /// - Throws: `EvaluationError` when rules differ or no query is shared.
  public init(
    _ first: EvaluationReport, _ second: EvaluationReport, metrics: [Metric],
    samples: Int = 10_000, confidence: Double = 0.95, seed: UInt64
  ) throws {
    guard first.rules == second.rules else {
      throw EvaluationError(.invalidArgument, "the two evaluations were made under other rules")
    }
    let shared = first.perQuery.keys.filter { second.perQuery[$0] != nil }
      .sorted(by: precedesInBytes)
    lines = try metrics.map { metric in
      Line(
        metric: metric, first: Self.mean(of: metric, first, shared),
        second: Self.mean(of: metric, second, shared),
        test: try pairedTest(
          first, second, metric: metric, samples: samples, confidence: confidence, seed: seed))
    }
  }

  private static func mean(
    of metric: Metric, _ report: EvaluationReport, _ queries: [String]
  ) -> Double {
    queries.reduce(0) { $0 + (report.perQuery[$1]?[metric] ?? 0) } / Double(max(queries.count, 1))
  }
}
