public import Encoder
internal import Foundation
internal import Store
internal import Synchronization
internal import Tensors
internal import VectorIndex

/// Everything a search needs of the active generation, held together: a search that has one is not
/// touched by a swap.
final class ActiveGeneration: Sendable {
  let record: GenerationRecord
  let encoder: TextEncoder
  /// `(rows, dimension)`, mapped from the vector file.
  let vectors: Matrix
  let index: any VectorIndex
  /// Rows that must not be found: deleted passages, or another text by now.
  let excluded: RowSet
  /// The store's version this was read at.
  let version: Int
  /// The numbering of rows this was read at.
  let compactions: Int
  /// What filters let through, as far as it was asked for.
  let scopes = Mutex<[PassageFilter: SearchScope]>([:])
  private let scan = Mutex<ExactIndex?>(nil)

  init(
    record: GenerationRecord, encoder: TextEncoder, vectors: Matrix, index: any VectorIndex,
    excluded: RowSet, version: Int, compactions: Int
  ) {
    self.record = record
    self.encoder = encoder
    self.vectors = vectors
    self.index = index
    self.excluded = excluded
    self.version = version
    self.compactions = compactions
  }

  /// Compares with every vector; made when it is first asked for.
  func exactIndex() throws -> ExactIndex {
    try scan.withLock { scan in
      if let scan { return scan }
      let made = try ExactIndex(vectors)
      scan = made
      return made
    }
  }
}

extension PassageCollection {
  /// The active generation as it is now, by whatever process it was made.
  ///
  /// - Throws: `FreshetError.empty` when there is none yet; `damaged`, or errors of the rooms.
  func activeGeneration() throws -> ActiveGeneration {
    // The version is read first: a change after it makes the next call look again.
    let version = try store.dataVersion()
    if let active = loaded(version) { return active }
    // One search loads; the others answer from the generation they know, if there is one.
    if let fresh = try reload.withLockIfAvailable({ _ in try loaded(version) ?? load() }) {
      return fresh
    }
    let compactions = try store.compactionCount()
    if let former = state.withLock({ $0.active }), former.compactions == compactions {
      return former
    }
    return try reload.withLock { _ in try loaded(version) ?? load() }
  }

  /// The active generation when `id` is nil or its own; else another one with an exact index.
  ///
  /// - Throws: `FreshetError.badInput` when there is none of that number, or it is not whole.
  func readyGeneration(_ id: Int?) throws -> ActiveGeneration {
    let active = try activeGeneration()
    guard let id, id != active.record.id else { return active }
    guard let record = try store.generation(id) else {
      let known = try store.generations().map { "\($0.id)" }.joined(separator: ", ")
      throw FreshetError(.badInput, "there is no generation \(id); there are: \(known)")
    }
    guard record.state == .ready else {
      throw FreshetError(.badInput, "generation \(id) is still being built")
    }
    let vectors = try mapVectors(of: record)
    return ActiveGeneration(
      record: record, encoder: try encoder(fingerprint: record.encoder), vectors: vectors,
      index: try ExactIndex(vectors),
      excluded: RowSet(try store.staleOrDeletedRows(generation: id)), version: active.version,
      compactions: active.compactions)
  }

  private func loaded(_ version: Int) -> ActiveGeneration? {
    state.withLock { $0.active }.flatMap { $0.version >= version ? $0 : nil }
  }

  /// Reads until no compaction came between.
  private func load() throws -> ActiveGeneration {
    while true {
      let compactions = try store.compactionCount()
      let version = try store.dataVersion()
      let outcome = Result { try load(version, compactions) }
      guard try store.compactionCount() == compactions else { continue }
      let active = try outcome.get()
      state.withLock { $0.active = active }
      return active
    }
  }

  private func load(_ version: Int, _ compactions: Int) throws -> ActiveGeneration {
    guard let record = try store.activeGeneration() else {
      throw FreshetError(
        .empty, "\(folder.path) has no embeddings yet: run `freshet encode` with an encoder first")
    }
    let before = state.withLock { $0.active }
    let same = before?.record.id == record.id
    let vectors = try same ? before?.vectors ?? mapVectors(of: record) : mapVectors(of: record)
    return ActiveGeneration(
      record: record, encoder: try encoder(fingerprint: record.encoder), vectors: vectors,
      index: try same
        ? before?.index ?? openIndex(of: record, vectors) : openIndex(of: record, vectors),
      excluded: RowSet(try store.staleOrDeletedRows(generation: record.id)), version: version,
      compactions: compactions)
  }

  /// The vectors of a generation, `(rows, dimension)`, mapped from their file.
  func mapVectors(of record: GenerationRecord) throws -> Matrix {
    guard let encoder = try store.encoder(fingerprint: record.encoder) else {
      throw FreshetError(
        .damaged, "generation \(record.id) names an encoder that is not registered")
    }
    let path = VectorFiles.path(folder: folder, generation: record.id).path
    do {
      return try Matrix(mapping: path, rows: record.rowCount, columns: encoder.dimension)
    } catch {
      throw FreshetError(
        .damaged,
        "\(error); roll back with `freshet rollback` or encode again with `freshet encode`")
    }
  }

  private func openIndex(of record: GenerationRecord, _ vectors: Matrix) throws -> any VectorIndex {
    guard record.rowCount > 0 else { return try ExactIndex(vectors) }
    let place = store.access == .writing ? "" : " in memory (`freshet encode` stores it again)"
    return try IndexFiles.openOrRebuild(
      folder: folder, generation: record.id, fingerprint: record.encoder, vectors: vectors,
      recipe: recipe(of: record), now: now(),
      stores: store.access == .writing,
      onRebuild: { notice("the index is rebuilt\(place): \($0)") })
  }

  /// How a generation's index was built. What is the automatic choice, or cannot be read any more,
  /// is chosen anew.
  func recipe(of record: GenerationRecord) -> IndexRecipe {
    guard let manifest = try? IndexFiles.manifest(folder: folder, generation: record.id),
      let recipe = try? IndexRecipe(parsing: manifest.recipe),
      manifest.recipe
        != FaissIndex.automaticRecipe(
          count: record.rowCount, dimension: manifest.dimension
        ).recipe
    else { return .automatic }
    return recipe
  }

  /// The encoder of a fingerprint, read from the collection and verified.
  func encoder(fingerprint: String) throws -> TextEncoder {
    if let loaded = state.withLock({ $0.encoders[fingerprint] }) { return loaded }
    guard let record = try store.encoder(fingerprint: fingerprint) else {
      throw FreshetError(.damaged, "\(folder.path) does not know the encoder \(fingerprint)")
    }
    let encoder = try TextEncoder(
      folder: record.url(inCollection: folder), precision: precision)
    guard encoder.fingerprint == fingerprint else {
      throw FreshetError(
        .wrongEncoder,
        "\(record.url(inCollection: folder).path) is not the encoder it was: its fingerprint is "
          + "\(encoder.fingerprint.prefix(12)), the collection's is \(fingerprint.prefix(12))")
    }
    remember(encoder)
    return encoder
  }

  func remember(_ encoder: TextEncoder) {
    state.withLock { state in
      // The active one and the newest are enough; a model is large.
      if state.encoders.count > 1 {
        let kept = state.active?.record.encoder
        state.encoders = state.encoders.filter { $0.key == kept }
      }
      state.encoders[encoder.fingerprint] = encoder
    }
  }
}

extension PassageCollection {
  /// The encoder of the active generation: the one queries are encoded by.
  ///
  /// - Throws: `FreshetError.empty` when nothing is encoded yet.
  public func activeEncoder() throws -> TextEncoder { try activeGeneration().encoder }
}
