public import Tensors

/// The weights of an encoder: transformer, pooling, and the modules after it. ``PackedModel``
/// computes with them.
public struct EmbeddingModel: Sendable {
  /// The transformer; its parameters are followed by those of the head.
  public var bert: BERT
  /// How a sequence's hidden states become one vector.
  public let pooling: Pooling
  /// The modules between pooling and embedding.
  public var modules: [HeadModule] { head.modules }
  /// How many leading columns an embedding keeps; nil for all.
  public let dimensions: Int?
  let head: Head

  /// - Parameters:
  ///   - configuration: the transformer's architecture.
  ///   - dimensions: leading columns to keep, for models trained to be cut (Kusupati et al. 2022);
  ///     nil for all. Rows are cut after all modules, and scaled to unit length again when the last
  ///     module is Normalize: sentence-transformers' `truncate_dim` with `normalize_embeddings`.
  ///     Traps unless it is from 1 to the width of the last module.
  ///   - tensors: by canonical name; see ``EncoderFolder/canonicalTensors()``.
  /// - Throws: `EncoderError` naming a tensor that is missing or has another shape.
  public init(
    _ configuration: BERTConfiguration, pooling: Pooling, modules: [HeadModule] = [],
    dimensions: Int? = nil, tensors: [String: Matrix]
  ) throws(EncoderError) {
    let width = modules.width(after: pooling.width(hiddenSize: configuration.hiddenSize))
    precondition(
      dimensions.map { (1...width).contains($0) } ?? true,
      "\(dimensions ?? 0) dimensions of \(width)")
    bert = try BERT(configuration, tensors: tensors, following: modules.slots)
    self.pooling = pooling
    self.dimensions = dimensions == width ? nil : dimensions
    head = Head(modules, firstSlot: bert.parameters.slots.count - modules.slots.count)
  }

  /// Number of columns of an embedding.
  public var dimension: Int {
    dimensions ?? modules.width(after: pooling.width(hiddenSize: bert.configuration.hiddenSize))
  }

  /// Whether embeddings have unit length.
  public var normalizes: Bool { modules.last == .normalize }

  /// The trainable tensors: the transformer's, then the head's.
  public var parameters: Parameters {
    get { bert.parameters }
    _modify { yield &bert.parameters }
  }
}
