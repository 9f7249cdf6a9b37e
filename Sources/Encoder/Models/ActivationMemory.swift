import Tensors

/// How much memory the passes of training take: known before they run.
///
/// Weights, gradients and the optimizer are not in it: they do not depend on the texts.
public struct ActivationMemory: Sendable, Equatable {
  /// Bytes kept from a forward pass for the backward pass.
  public let keptBytes: Int
  /// Bytes a backward pass works in, beside what is kept.
  public let workingBytes: Int
  /// The most bytes a forward pass holds at once that keeps nothing.
  public let passingBytes: Int

  /// The most bytes held at once by a pass, forward and back.
  public var peakBytes: Int { keptBytes + workingBytes }

  /// The memory of one pass over sequences.
  ///
  /// - Parameter tokens: of all sequences of the pass together.
  public init(of configuration: BERTConfiguration, tokens: Int) {
    let (h, f) = (configuration.hiddenSize, configuration.intermediateSize)
    let norm = h + 1  // normalised row and 1 / deviation
    let layer = 3 * h + h + f + 2 * norm  // qkv, context, inner, two norms
    let row = tokens * MemoryLayout<Float>.stride
    keptBytes = (norm + configuration.layerCount * layer + h) * row
    // Beside the gradient as it came and its sum: in the feed-forward block a branch, the activation
    // and its gradient; in attention the gradient of qkv, the layer's input and its gradient.
    workingBytes = (2 * h + max(h + 2 * f, 5 * h)) * row
    // The state, and what one layer keeps with its branch and the activation: the second norm comes
    // when the activation is gone.
    passingBytes = (h + 3 * h + h + norm + f + h + max(f, norm)) * row
  }
}

extension BERTConfiguration {
  /// Bytes that the weights of the layers take when they are packed for training, beside
  /// themselves; see ``PackedModel/init(training:frozenLayers:)``.
  public var packedTrainingBytes: Int {
    let (h, f) = (hiddenSize, intermediateSize)
    let layer = [(h, 3 * h), (h, h), (h, f), (f, h)].reduce(0) { sum, extents in
      sum + PackedWeight.byteCount(inputs: extents.0, outputs: extents.1)
        + PackedWeight.byteCount(inputs: extents.1, outputs: extents.0)
    }
    return layerCount * layer
  }
}
