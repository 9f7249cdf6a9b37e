import Foundation
import Freshet

/// Some twenty lines over a training run: its first step, its last, and those between.
final class StepLog {
  private let start: Date
  private var lastShown = -1
  private var firstStep: Int?
  /// The last step shown or not.
  private(set) var last: StepProgress?
  /// What sampling negatives took in the steps of this session.
  private(set) var samplingSeconds = 0.0

  init(start: Date) { self.start = start }

  func show(_ step: StepProgress) {
    last = step
    samplingSeconds += step.seconds?.sampling ?? 0
    if firstStep == nil { firstStep = step.step - 1 }
    let part = step.step * 20 / max(step.totalSteps, 1)
    guard part > lastShown || step.step == step.totalSteps else { return }
    lastShown = part
    let seconds = Date().timeIntervalSince(start)
    let done = step.step - (firstStep ?? 0)
    let left = seconds / Double(max(done, 1)) * Double(step.totalSteps - step.step)
    Console.say(
      String(
        format: "step %d of %d: loss %.4f, top-1 %.2f, gradient norm %.2f, rate %.2e, %d tokens, "
          + "%.0f s, %.0f s left", step.step, step.totalSteps, step.loss, step.accuracy,
        step.gradientNorm, step.learningRate, step.tokensSeen, seconds, left))
  }
}
