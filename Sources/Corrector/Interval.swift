internal import Tensors

/// An estimate and a confidence interval around it.
public struct Interval: Sendable, Codable, Equatable {
  /// Lower end of the interval.
  public var low: Double
  /// The estimate itself, a mean.
  public var estimate: Double
  /// Upper end of the interval.
  public var high: Double

  /// An interval of the three values.
  public init(low: Double, estimate: Double, high: Double) {
    self.low = low
    self.estimate = estimate
    self.high = high
  }

  /// The same with its ends inside a range.
  func within(_ range: ClosedRange<Double>) -> Interval {
    Interval(
      low: max(low, range.lowerBound), estimate: estimate, high: min(high, range.upperBound))
  }
}

/// The mean of `values` with a percentile bootstrap interval (Efron 1979).
///
/// - Parameters:
///   - values: one per unit that is resampled (a query, a passage); empty gives an interval of 0s.
///   - samples: resamples drawn.
///   - confidence: share of resampled means inside the interval.
///   - seed: the resamples follow from it and from the number of values.
/// - Complexity: O(samples · values).
func bootstrapMean(
  _ values: [Double], samples: Int, confidence: Double, seed: UInt64
) -> Interval {
  guard let first = values.first else { return Interval(low: 0, estimate: 0, high: 0) }
  let n = values.count
  let mean = values.reduce(0, +) / Double(n)
  if values.allSatisfy({ $0 == first }) {
    return Interval(low: first, estimate: first, high: first)
  }
  var random = RandomStream(seed: seed, stream: RandomUse.bootstrap)
  var means = (0..<samples).map { _ in
    var sum = 0.0
    for _ in 0..<n { sum += values[Int(random.next().multipliedFullWidth(by: UInt64(n)).high)] }
    return sum / Double(n)
  }
  means.sort()
  let tail = (1 - confidence) / 2
  return Interval(low: quantile(means, tail), estimate: mean, high: quantile(means, 1 - tail))
}

/// The `share` quantile of ascending, non-empty values, interpolated linearly.
func quantile(_ sorted: [Double], _ share: Double) -> Double {
  let position = share * Double(sorted.count - 1)
  let below = min(max(Int(position), 0), sorted.count - 1)
  let above = min(below + 1, sorted.count - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
}
