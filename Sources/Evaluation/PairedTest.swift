internal import Tensors

/// Whether one system beats another on the same queries.
public struct PairedTest: Sendable, Equatable {
  /// Mean of the differences, first minus second.
  public let difference: Double
  /// The difference's bootstrap interval over queries.
  public let low: Double, high: Double
  /// Two-sided p-value of the randomisation test: how often chance alone, swapping the two systems
  /// query by query, gives a mean difference at least as large.
  public let pValue: Double
  /// Two-sided p-value of Student's paired t-test, for comparison: 1 when all differences are 0,
  /// and for a single query.
  public let tTestPValue: Double
  /// Number of queries compared.
  public let queries: Int
}

/// Compares two systems query by query with Fisher's randomisation test (Smucker, Allan and
/// Carterette, CIKM 2007) and a bootstrap interval.
///
/// - Parameters:
///   - first, second: values of one metric, equally long and in the same order of queries.
///   - samples: random sign patterns, and bootstrap resamples, to draw. The smallest p-value that
///     can come out is `1 / (samples + 1)`.
///   - confidence: coverage of the interval, inside (0, 1).
///   - seed: the same seed gives the same answer.
/// - Complexity: O(samples · queries).
public func pairedTest(
  _ first: [Double], _ second: [Double], samples: Int = 10_000, confidence: Double = 0.95,
  seed: UInt64
) -> PairedTest {
  precondition(
    first.count == second.count, "pairedTest: \(first.count) values against \(second.count)")
  let differences = zip(first, second).map(-)
  let interval = bootstrapInterval(
    differences, samples: samples, confidence: confidence, seed: seed)
  let extreme = (0..<samples).count { sample in
    let chance = meanUnderRandomSigns(differences, seed: ~seed, sample: sample)
    return abs(chance) >= abs(interval.estimate) - 1e-12
  }
  return PairedTest(
    difference: interval.estimate, low: interval.low, high: interval.high,
    pValue: Double(extreme + 1) / Double(samples + 1), tTestPValue: studentPValue(differences),
    queries: differences.count)
}

/// Compares two evaluations on one metric, over the queries both counted.
///
/// - Throws: `EvaluationError` when they share no query with that metric.
public func pairedTest(
  _ first: EvaluationReport, _ second: EvaluationReport, metric: Metric, samples: Int = 10_000,
  confidence: Double = 0.95, seed: UInt64
) throws -> PairedTest {
  let pairs = first.perQuery.keys.sorted(by: precedesInBytes).compactMap { query in
    first.perQuery[query]?[metric].flatMap { a in second.perQuery[query]?[metric].map { (a, $0) } }
  }
  guard !pairs.isEmpty else {
    throw EvaluationError(
      .invalidArgument, "the two evaluations share no query with a value of \(metric.name)")
  }
  return pairedTest(
    pairs.map(\.0), pairs.map(\.1), samples: samples, confidence: confidence, seed: seed)
}

private func meanUnderRandomSigns(_ values: [Double], seed: UInt64, sample: Int) -> Double {
  var random = RandomStream(seed: seed, stream: UInt64(sample))
  var sum = 0.0
  for value in values { sum += random.next() & 1 == 0 ? value : -value }
  return sum / Double(values.count)
}
