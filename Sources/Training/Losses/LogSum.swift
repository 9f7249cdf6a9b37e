import Foundation

/// log Σ exp(xᵢ), kept as its largest term and a sum relative to it: nothing overflows, nothing of
/// weight is lost.
struct LogSum: Sendable {
  private var top = -Double.infinity
  private var sum = 0.0

  /// Of no terms: minus infinity.
  init() {}

  /// The log of the sum. NaN begets NaN.
  var value: Double { top + log(sum) }

  /// Adds `sum · exp(top)`.
  mutating func add(_ sum: Double, timesExpOf top: Double) {
    if sum == 0 { return }
    if top > self.top {
      self.sum = self.sum * exp(self.top - top) + sum
      self.top = top
    } else {
      self.sum += sum * exp(top - self.top)
    }
  }

  /// Adds `exp(value)`.
  mutating func add(expOf value: Double) {
    if value == -.infinity { return }
    add(1, timesExpOf: value)
  }

  mutating func add(_ other: LogSum) { add(other.sum, timesExpOf: other.top) }
}
