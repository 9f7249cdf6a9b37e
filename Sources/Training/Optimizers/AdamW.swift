package import Encoder
import Tensors

/// AdamW over all parameters of a model, and the two moving averages it keeps.
package struct AdamW: Sendable {
  /// Moving averages of gradients and of their squares.
  var mean: Parameters, variance: Parameters
  /// Updates made.
  var updates = 0
  /// Decoupled decay of matrices; biases and layer norms have none.
  let weightDecay: Double
  /// How many of the first slots keep their weights.
  let frozenSlots: Int

  package init(parameters: Parameters, weightDecay: Double, frozenSlots: Int = 0) {
    self.frozenSlots = frozenSlots
    mean = Parameters(zerosLike: parameters)
    variance = Parameters(zerosLike: parameters)
    self.weightDecay = weightDecay
  }

  /// One update in place. `gradientScale` is a factor on the gradient, from clipping.
  package mutating func update(
    _ parameters: inout Parameters, gradients: Parameters, learningRate: Double,
    gradientScale: Double
  ) {
    updates += 1
    for (i, slot) in mean.slots.enumerated() where i >= frozenSlots {
      AdamWStep(
        learningRate: Float(learningRate), weightDecay: slot.decays ? Float(weightDecay) : 0,
        gradientScale: Float(gradientScale), number: updates
      ).apply(
        to: &parameters.values[i], gradient: gradients.values[i], mean: &mean.values[i],
        variance: &variance.values[i])
    }
  }

  /// The factor that brings a gradient of this norm down to `limit`, as in PyTorch's
  /// `clip_grad_norm_`.
  package static func clippingScale(norm: Double, limit: Double) -> Double {
    min(1, limit / (norm + 1e-6))
  }
}
