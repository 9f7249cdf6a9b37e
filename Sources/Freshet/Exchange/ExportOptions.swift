/// What of a collection is exported.
public struct ExportOptions: Sendable, Equatable {
  /// The generation whose vectors are written; nil for the active one.
  public var generation: Int?
  /// How the vectors are written.
  public var vectors = VectorFileFormat.numpy
  /// Whether an index of the vectors is written, too, as a plain FAISS file.
  public var index = false

  /// The active generation's vectors as `.npy`, no index.
  public init() {}
}

/// What an export wrote.
public struct ExportSummary: Sendable, Equatable, Codable {
  /// The generation, and the fingerprint of its encoder.
  public var generation: Int, encoder: String
  /// Passages and vectors written, and the vectors' dimension.
  public var passages: Int, dimension: Int
  /// Passages of the collection that are not in the generation yet, and were left out.
  public var pending: Int
  /// The index's FAISS factory string, when one was written.
  public var index: String?
}
