/// What is being served: the collection in numbers.
public struct ServiceInfo: Sendable, Equatable {
  /// The active generation; nil before the first one is encoded.
  public var generation: Int?
  /// Fingerprint of the active generation's encoder; nil when there is none.
  public var encoder: String?
  /// A name people know the encoder by.
  public var model: String
  /// Numbers in one embedding.
  public var dimension: Int
  /// Passages in the collection, deleted ones not counted.
  public var passages: Int
  /// Embeddings of the active generation computed from text.
  public var encoded: Int
  /// Embeddings of the active generation made by a corrector.
  public var corrected: Int
  /// Passages without an embedding of their present text in the active generation.
  public var pending: Int
  /// The version of the program.
  public var version: String

  public init(
    generation: Int?, encoder: String?, model: String, dimension: Int, passages: Int,
    encoded: Int, corrected: Int, pending: Int, version: String
  ) {
    self.generation = generation
    self.encoder = encoder
    self.model = model
    self.dimension = dimension
    self.passages = passages
    self.encoded = encoded
    self.corrected = corrected
    self.pending = pending
    self.version = version
  }
}
