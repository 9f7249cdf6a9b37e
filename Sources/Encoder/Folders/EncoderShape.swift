/// What a new encoder is to be like: the sizes of a small BERT, and what follows it.
public struct EncoderShape: Sendable, Equatable {
  /// Number of transformer layers.
  public var layers: Int
  /// Width of hidden states and of the embedding.
  public var hidden: Int
  /// Attention heads per layer; divides `hidden`.
  public var heads: Int
  /// Width inside the feed-forward block.
  public var intermediate: Int
  /// Most tokens of a text, special tokens included: at least 3.
  public var maximumLength: Int
  /// Share of hidden activations and of attention weights dropped in training, in [0, 1).
  public var dropout: Float
  /// How hidden states become one vector.
  public var pooling: PoolingMode
  /// Whether embeddings are scaled to unit length.
  public var normalizes: Bool

  /// A small encoder: two layers of width 128, mean pooling, unit length.
  public init(
    layers: Int = 2, hidden: Int = 128, heads: Int = 4, intermediate: Int = 512,
    maximumLength: Int = 256, dropout: Float = 0.1, pooling: PoolingMode = .mean,
    normalizes: Bool = true
  ) {
    self.layers = layers
    self.hidden = hidden
    self.heads = heads
    self.intermediate = intermediate
    self.maximumLength = maximumLength
    self.dropout = dropout
    self.pooling = pooling
    self.normalizes = normalizes
  }

  /// Throws `EncoderError.invalidArgument` naming a size that no encoder has.
  func validate() throws {
    func require(_ holds: Bool, _ what: String) throws {
      if !holds { throw EncoderError(.invalidArgument, "a new encoder needs \(what)") }
    }
    try require(layers >= 1, "at least 1 layer, not \(layers)")
    try require(hidden >= 1, "a hidden size of at least 1, not \(hidden)")
    try require(intermediate >= 1, "an intermediate size of at least 1, not \(intermediate)")
    try require(
      heads >= 1 && hidden % heads == 0,
      "heads that divide the hidden size \(hidden), not \(heads)")
    try require(
      maximumLength >= 3, "room for [CLS], one token and [SEP] in a text, not for \(maximumLength)")
    try require((0..<1).contains(dropout), "a dropout from 0 to below 1, not \(dropout)")
  }

  /// The architecture over a tokenizer's vocabulary.
  func configuration(_ tokenizer: some Tokenizer) -> BERTConfiguration {
    BERTConfiguration(
      vocabularySize: tokenizer.vocabularySize, hiddenSize: hidden, layerCount: layers,
      headCount: heads, intermediateSize: intermediate, maximumPositions: maximumLength,
      hiddenDropout: dropout, attentionDropout: dropout,
      paddingTokenID: Int(tokenizer.paddingID))
  }
}
