/// Linear rise from 0, then linear fall to 0, as `get_linear_schedule_with_warmup` of transformers.
struct LearningRateSchedule: Sendable, Equatable {
  let peak: Double
  let warmupSteps: Int
  let totalSteps: Int

  /// The rise takes `warmupShare` of the steps, rounded up.
  init(peak: Double, warmupShare: Double, totalSteps: Int) {
    self.peak = peak
    self.totalSteps = totalSteps
    warmupSteps = Int((warmupShare * Double(totalSteps)).rounded(.up))
  }

  /// The rate of update number `step`, counted from 0. With a rise, that of update 0 is 0.
  func rate(at step: Int) -> Double {
    if step < warmupSteps { return peak * Double(step) / Double(max(warmupSteps, 1)) }
    let left = Double(totalSteps - step) / Double(max(totalSteps - warmupSteps, 1))
    return peak * max(left, 0)
  }
}
