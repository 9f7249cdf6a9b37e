/// Which side of the search a text stands on; encoders may prompt the two differently.
public enum EmbeddingRole: String, Sendable {
  case query
  case passage
}

/// Embeddings of a batch of texts.
public struct EmbeddingAnswer: Sendable, Equatable {
  /// One row per text, in the order asked, all of the encoder's dimension.
  public var vectors: [[Float]]
  /// A name people know the encoder by.
  public var model: String
  /// The encoder's fingerprint.
  public var encoder: String
  /// Tokens encoded per text, special tokens included, after truncation.
  public var tokenCounts: [Int]
  /// How many of the texts were longer than the encoder reads and lost their end.
  public var truncatedTexts: Int

  public init(
    vectors: [[Float]], model: String, encoder: String, tokenCounts: [Int],
    truncatedTexts: Int = 0
  ) {
    self.vectors = vectors
    self.model = model
    self.encoder = encoder
    self.tokenCounts = tokenCounts
    self.truncatedTexts = truncatedTexts
  }
}
