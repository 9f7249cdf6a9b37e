import Tensors

/// How much memory a training pass takes: known before it runs.
public struct ActivationMemory: Sendable, Equatable {
  /// Bytes kept from the forward pass for the backward pass.
  public let keptBytes: Int
  /// The most bytes held at once: what is kept, and what backward works in.
  public let peakBytes: Int

  /// The memory of one pass, forward and back, of a model.
  ///
  /// Weights, gradients and the optimizer are not in it: they do not depend on the texts.
  ///
  /// - Parameter tokens: of all sequences of the pass together.
  public init(of configuration: BERTConfiguration, tokens: Int) {
    let (h, f) = (configuration.hiddenSize, configuration.intermediateSize)
    let norm = h + 1  // normalised row and 1 / deviation
    let layer = 3 * h + h + f + 2 * norm  // qkv, context, inner, two norms
    let kept = norm + configuration.layerCount * layer + h
    // Beside the gradient as it came and its sum: in the feed-forward block a branch, the activation
    // and its gradient; in attention the gradient of qkv, the layer's input and its gradient.
    let working = 2 * h + max(h + 2 * f, 5 * h)
    let row = tokens * MemoryLayout<Float>.stride
    keptBytes = kept * row
    peakBytes = (kept + working) * row
  }
}
