internal import Encoder
internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

/// One embedding on its way into a generation.
struct NewEmbedding {
  var vector: ArraySlice<Float>
  var provenance: Provenance
  var predictedError: Double?
  var textHash: String
}

/// What is built into a new generation besides its rows.
struct GenerationPlan {
  var encoder: TextEncoder
  var parent: Int?
  var corrector: String?
  var recipe: IndexRecipe
  /// The generation whose index may be extended, when most of its embeddings are taken over.
  var former: GenerationRecord? = nil
  /// An index of just these embeddings that was built elsewhere.
  var indexFile: IndexFile? = nil
}

/// A FAISS file from elsewhere.
struct IndexFile {
  var path: String
  /// How it was built, where that is known; the file itself tells it of the common kinds only.
  var recipe: String?
}

extension PassageCollection {
  /// Rows handed to the writers at once.
  static let rowsPerBlock = 4096

  /// Builds a generation beside the active one and, when it is whole, makes it the active one.
  ///
  /// - Parameter block: the embeddings of consecutive rows; nil for a row that has none (deleted).
  /// - Returns: the generation as it now stands.
  func build(
    _ plan: GenerationPlan, progress: ProgressHandler?, shouldStop: StopCheck,
    block: (Range<Int>) throws -> [NewEmbedding?]
  ) throws -> GenerationRecord {
    let rows = try store.rowCount()
    let id = try store.beginGeneration(
      encoder: plan.encoder.fingerprint, parent: plan.parent, corrector: plan.corrector, now: now())
    let dimension = plan.encoder.dimension
    let writer = try VectorFileWriter(
      path: VectorFiles.path(folder: folder, generation: id), columns: dimension)
    for start in stride(from: 0, to: rows, by: Self.rowsPerBlock) {
      try requireGoingOn(shouldStop)
      let range = start..<min(start + Self.rowsPerBlock, rows)
      let embeddings = try block(range)
      try writer.append(
        embeddings.flatMap {
          $0.map { Array($0.vector) } ?? [Float](repeating: 0, count: dimension)
        })
      try store.appendEmbeddings(records(embeddings, range), generation: id)
      progress?(WorkProgress(.writing, done: range.upperBound, total: rows))
    }
    let written = try writer.finish()
    try buildIndex(generation: id, rows: rows, plan, progress: progress)
    try requireGoingOn(shouldStop)
    try store.completeAndActivate(
      id, rowCount: rows, vectorsSHA256: written.sha256, now: now())
    return try store.generation(id)
      ?? { throw FreshetError(.damaged, "generation \(id) is gone") }()
  }

  /// - Throws: `FreshetError.interrupted` when the user has asked to stop.
  func requireGoingOn(_ shouldStop: StopCheck) throws(FreshetError) {
    guard shouldStop() else { return }
    throw FreshetError(
      .interrupted,
      "stopped before the swap: nothing has changed, and what is encoded is kept; "
        + "run the same command again to go on")
  }

  private func records(_ embeddings: [NewEmbedding?], _ range: Range<Int>) -> [EmbeddingRecord] {
    zip(range, embeddings).compactMap { row, embedding in
      embedding.map {
        EmbeddingRecord(
          row: row, provenance: $0.provenance, predictedError: $0.predictedError,
          textHash: $0.textHash)
      }
    }
  }

  private func buildIndex(
    generation id: Int, rows: Int, _ plan: GenerationPlan, progress: ProgressHandler?
  ) throws {
    guard rows > 0 else { return }
    let vectors = try Matrix(
      mapping: VectorFiles.path(folder: folder, generation: id).path, rows: rows,
      columns: plan.encoder.dimension)
    if let file = plan.indexFile {
      return try adoptIndex(
        file, generation: id, of: vectors, fingerprint: plan.encoder.fingerprint)
    }
    if let former = plan.former, try extendIndex(of: former, to: id, vectors) { return }
    try buildIndex(
      generation: id, of: vectors, plan.recipe, fingerprint: plan.encoder.fingerprint,
      progress: progress)
  }
}
