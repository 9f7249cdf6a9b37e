internal import Store
internal import Tensors

/// A stored generation that a new one takes embeddings from.
struct GenerationSource {
  let record: GenerationRecord
  let vectors: Matrix
  private let embeddings: [Int: EmbeddingRecord]

  init(_ record: GenerationRecord, _ vectors: Matrix, _ store: Store) throws {
    self.record = record
    self.vectors = vectors
    embeddings = Dictionary(
      uniqueKeysWithValues: try store.embeddings(generation: record.id).map { ($0.row, $0) })
  }

  /// What is known of a row's embedding, when it stands for this text.
  func known(_ row: Int, textHash: String) -> EmbeddingRecord? {
    embeddings[row].flatMap { $0.textHash == textHash ? $0 : nil }
  }

  /// The embedding of a row, when it stands for this text.
  func embedding(of row: Int, textHash: String) throws -> NewEmbedding? {
    known(row, textHash: textHash).map {
      NewEmbedding(
        vector: vectors.row(row)[...], provenance: $0.provenance,
        predictedError: $0.predictedError, textHash: textHash)
    }
  }
}
