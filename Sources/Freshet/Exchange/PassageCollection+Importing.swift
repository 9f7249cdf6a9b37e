internal import Encoder
internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

/// What an import did.
public struct ImportSummary: Sendable, Equatable, Codable {
  /// The new generation, active now, and the fingerprint of its encoder.
  public var generation: Int, encoder: String
  /// Passages the folder added or changed, where it has texts.
  public var added: Int, changed: Int
  /// Vectors taken from the file, and those of them that a corrector made.
  public var vectors: Int, corrected: Int
  /// Passages of the collection that wait for an embedding: `encode` makes those.
  public var pending: Int
  /// The index's FAISS factory string, and whether the folder's was taken.
  public var index: String, indexImported: Bool
}

extension PassageCollection {
  /// Takes in vectors that were made elsewhere, as a generation, and makes it the active one.
  ///
  /// The folder's passages are added first, where it has texts. Its index is taken when it is of just
  /// the collection's rows. Embeddings that the active generation has by the same encoder, of
  /// passages that are not in the folder, are kept.
  ///
  /// - Parameters:
  ///   - recipe: the index to build, as a FAISS factory string, or "auto"; nil takes the folder's, or
  ///     the active generation's kind.
  /// - Throws: `FreshetError`: `badInput` naming a passage that is not in the collection, a row that
  ///   is not finite, or an index that is not of the vectors; `wrongEncoder` when the vectors are not
  ///   the encoder's; `interrupted`; `IndexError` for a recipe or file that is not served;
  ///   `StoreError`.
  @discardableResult
  public func importVectors(
    _ given: ImportFolder, index recipe: String? = nil, progress: ProgressHandler? = nil,
    shouldStop: StopCheck = { false }
  ) throws -> ImportSummary {
    if given.passages == nil { try given.check(against: stored(given.ids)) }
    let added = try given.passages.map { try add($0) }
    return try exclusively {
      let places = try places(of: given)
      let indexFile = try recipe == nil ? indexFile(given, places) : nil
      let record = try build(given, places, recipe, indexFile, progress, shouldStop)
      return ImportSummary(
        generation: record.id, encoder: record.encoder, added: added?.added ?? 0,
        changed: added?.changed ?? 0, vectors: given.ids.count,
        corrected: given.lineage?.rows.count { $0.provenance == .corrected } ?? 0,
        pending: try store.pendingRows(generation: record.id).count,
        index: try IndexFiles.manifest(folder: folder, generation: record.id).recipe,
        indexImported: indexFile != nil)
    }
  }

  /// The passages of those ids, in their order.
  ///
  /// - Throws: `FreshetError.badInput` for an id that is not in the collection.
  private func stored(_ ids: [String]) throws -> [Passage] {
    let rows = try store.rows(forIDs: ids)
    if let unknown = ids.first(where: { rows[$0] == nil }) {
      throw FreshetError(
        .badInput,
        "the passage \"\(unknown)\" is not in \(folder.path): give its text, in corpus.jsonl")
    }
    return try store.passages(rows: ids.compactMap { rows[$0] }).map {
      Passage(id: $0.id, title: $0.title, text: $0.text)
    }
  }

  private func build(
    _ given: ImportFolder, _ places: [Int: Int], _ recipe: String?, _ indexFile: IndexFile?,
    _ progress: ProgressHandler?, _ shouldStop: StopCheck
  ) throws -> GenerationRecord {
    let encoder = given.encoder
    let active = try store.activeGeneration()
    let parent = active?.encoder == encoder.fingerprint ? active : nil
    let kept = try parent.map { try GenerationSource($0, mapVectors(of: $0), store) }
    let plan = GenerationPlan(
      encoder: encoder, parent: active?.id, corrector: parent?.corrector,
      recipe: try self.recipe(recipe, following: active, for: encoder), indexFile: indexFile)
    try register(encoder)
    return try build(plan, progress: progress, shouldStop: shouldStop) { range in
      let hashes = try currentHashes(of: range)
      let vectors = try given.vectors.gathering(range.compactMap { places[$0] })
      var next = 0
      return try range.map { row in
        defer { next += places[row] == nil ? 0 : 1 }
        guard let hash = hashes[row] else { return nil }
        guard let place = places[row] else {
          return try kept?.embedding(of: row, textHash: hash)
        }
        let lineage = given.lineage?.rows[place]
        return NewEmbedding(
          vector: vectors.row(next)[...], provenance: lineage?.provenance ?? .encoded,
          predictedError: lineage?.predictedError, textHash: hash)
      }
    }
  }

  /// The place of each row's vector in the file.
  private func places(of given: ImportFolder) throws -> [Int: Int] {
    let rows = try store.rows(forIDs: given.ids)
    var places: [Int: Int] = [:]
    for (place, id) in given.ids.enumerated() {
      if let row = rows[id] { places[row] = place }
    }
    return places
  }

  /// The folder's index, when its numbers are the collection's rows.
  private func indexFile(_ given: ImportFolder, _ places: [Int: Int]) throws -> IndexFile? {
    let fits = try places.count == store.rowCount() && places.allSatisfy { $0.key == $0.value }
    return fits ? given.index : nil
  }
}
