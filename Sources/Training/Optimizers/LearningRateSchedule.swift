import Foundation

/// Linear rise from 0, then a fall to 0 or none, as the schedules of transformers
/// (`get_linear_schedule_with_warmup` and its kin).
package struct LearningRateSchedule: Sendable, Equatable {
  let peak: Double
  let warmupSteps: Int
  let totalSteps: Int
  let decay: RateDecay

  /// The rise takes `warmupShare` of the steps, rounded up.
  package init(peak: Double, warmupShare: Double, totalSteps: Int, decay: RateDecay = .linear) {
    self.peak = peak
    self.totalSteps = totalSteps
    self.decay = decay
    warmupSteps = Int((warmupShare * Double(totalSteps)).rounded(.up))
  }

  /// The rate of update number `step`, counted from 0. With a rise, that of update 0 is 0.
  package func rate(at step: Int) -> Double {
    if step < warmupSteps { return peak * Double(step) / Double(max(warmupSteps, 1)) }
    let left = Double(totalSteps - step) / Double(max(totalSteps - warmupSteps, 1))
    switch decay {
    case .linear: return peak * max(left, 0)
    case .cosine: return peak * 0.5 * (1 - cos(.pi * max(left, 0)))
    case .constant: return peak
    }
  }
}
