internal import Tensors

/// The mean of `values` with its percentile bootstrap interval (Efron and Tibshirani 1993, ch. 13).
///
/// - Parameters:
///   - values: one per query; at least one.
///   - samples: resamples to draw; at least 1.
///   - confidence: the interval's coverage, inside (0, 1).
///   - seed: the same seed gives the same interval.
/// - Returns: `low ≤ high`, and the mean of `values` as the estimate.
/// - Complexity: O(samples · values).
public func bootstrapInterval(
  _ values: [Double], samples: Int = 1_000, confidence: Double = 0.95, seed: UInt64
) -> (low: Double, estimate: Double, high: Double) {
  precondition(!values.isEmpty, "bootstrapInterval: there are no values")
  precondition(samples > 0, "bootstrapInterval: \(samples) samples")
  precondition(confidence > 0 && confidence < 1, "bootstrapInterval: confidence \(confidence)")
  var means = (0..<samples).map { resampledMean(values, seed: seed, sample: $0) }
  means.sort()
  let tail = (1 - confidence) / 2
  return (quantile(tail, of: means), mean(values), quantile(1 - tail, of: means))
}

private func resampledMean(_ values: [Double], seed: UInt64, sample: Int) -> Double {
  var random = RandomStream(seed: seed, stream: UInt64(sample))
  var sum = 0.0
  for _ in values.indices { sum += values[Int(random.uniform() * Double(values.count))] }
  return sum / Double(values.count)
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

/// The quantile at `share` of sorted values, linear between its neighbours.
private func quantile(_ share: Double, of sorted: [Double]) -> Double {
  let position = share * Double(sorted.count - 1)
  let below = Int(position)
  let above = min(below + 1, sorted.count - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
}
