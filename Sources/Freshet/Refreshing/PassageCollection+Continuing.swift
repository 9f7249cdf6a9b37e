internal import Corrector
internal import Encoder
internal import Foundation
internal import Store

/// How far a refresh has come that goes on in steps.
public struct ContinuedRefresh: Sendable, Equatable, Codable {
  /// Texts encoded by this step.
  public var encoded: Int
  /// Passages whose served embedding is corrected, and how many of them are encoded already and wait
  /// until true embeddings may stand among corrected ones.
  public var corrected: Int, waiting: Int
  /// The generation that is active now.
  public var generation: Int

  /// Whether every served embedding comes from the encoder.
  public var isFinished: Bool { corrected == 0 }
}

extension PassageCollection {
  /// Encodes passages whose embedding is a corrected one, those of greatest predicted error first,
  /// and serves the result as a new generation.
  ///
  /// A generation in which true embeddings stand among corrected ones is served only where that was
  /// judged to do no harm when the corrector was fitted; until then what is encoded waits in the
  /// collection. Interrupted, it goes on where it stopped when called again.
  ///
  /// - Parameter budget: how many passages to encode, a share being one of all passages; nil encodes
  ///   all that are left.
  /// - Throws: `FreshetError.refused` when no embedding of the active generation is a corrected one;
  ///   `interrupted` when asked to stop.
  @discardableResult
  public func continueRefresh(
    budget: SampleSize? = nil, progress: ProgressHandler? = nil,
    shouldStop: StopCheck = { false }
  ) throws -> ContinuedRefresh {
    try exclusively {
      let active = try correctedGeneration()
      let encoder = try encoder(fingerprint: active.encoder)
      let source = try GenerationSource(active, try mapVectors(of: active), store)
      let journal = try EmbeddingJournal(
        collection: folder, fingerprint: encoder.fingerprint, dimension: encoder.dimension)
      let left = try correctedRows(source)
      let todo = left.filter { !journal.contains($0.textHash) }
      let count = budget.map { $0.count(of: active.encoded + active.corrected) } ?? todo.count
      let cost = try encodeRows(
        todo.prefix(count).map(\.row), with: encoder, into: journal, progress: progress,
        shouldStop: shouldStop)
      return try serve(
        left, source, journal, encoder, encoded: cost.texts, progress, shouldStop)
    }
  }

  private func correctedGeneration() throws -> GenerationRecord {
    guard let active = try store.activeGeneration() else {
      throw FreshetError(
        .empty, "\(folder.path) has no embeddings yet: run `freshet encode` first")
    }
    guard active.corrected > 0 else {
      throw FreshetError(
        .refused,
        "generation \(active.id) holds no corrected embedding: there is nothing to continue")
    }
    return active
  }

  /// Corrected embeddings of present texts, those of greatest predicted error first.
  private func correctedRows(_ source: GenerationSource) throws -> [EmbeddingRecord] {
    try store.textHashes()
      .compactMap { source.known($0.row, textHash: $0.hash) }
      .filter { $0.provenance == .corrected }
      .sorted { ($1.predictedError ?? 2, $0.row) < ($0.predictedError ?? 2, $1.row) }
  }

  private func serve(
    _ left: [EmbeddingRecord], _ source: GenerationSource, _ journal: EmbeddingJournal,
    _ encoder: TextEncoder, encoded: Int, _ progress: ProgressHandler?, _ shouldStop: StopCheck
  ) throws -> ContinuedRefresh {
    let record = source.record
    let ready = left.count { journal.contains($0.textHash) }
    let exactShare =
      Double(record.encoded + ready) / Double(max(record.encoded + record.corrected, 1))
    let isFinished = ready == left.count
    let mixes = try ready > 0 && mayMix(record, share: exactShare)
    guard isFinished || mixes else {
      return ContinuedRefresh(
        encoded: encoded, corrected: left.count, waiting: ready, generation: record.id)
    }
    let served = try build(
      GenerationPlan(
        encoder: encoder, parent: record.id, corrector: isFinished ? nil : record.corrector,
        recipe: recipe(of: record)),
      progress: progress, shouldStop: shouldStop
    ) { try self.embeddings(of: $0, source, journal) }
    if isFinished { journal.remove() }
    return ContinuedRefresh(
      encoded: encoded, corrected: served.corrected, waiting: 0, generation: served.id)
  }

  /// What was judged when the generation's corrector was fitted.
  private func mayMix(_ record: GenerationRecord, share: Double) throws -> Bool {
    guard let id = record.corrector, let corrector = try store.corrector(id: id),
      let plan = try? JSONDecoder().decode(RefreshPlan.self, from: Data(corrector.judged.utf8))
    else { return false }
    return plan.mayMix(share: share)
  }

  /// Embeddings of consecutive rows: what is encoded in place of what was corrected.
  private func embeddings(
    of range: Range<Int>, _ source: GenerationSource, _ journal: EmbeddingJournal
  ) throws -> [NewEmbedding?] {
    let hashes = try currentHashes(of: range)
    return try range.map { row in
      guard let hash = hashes[row], let known = try source.embedding(of: row, textHash: hash)
      else { return nil }
      guard known.provenance == .corrected, let vector = journal.vector(hash) else { return known }
      return NewEmbedding(vector: vector, provenance: .encoded, textHash: hash)
    }
  }
}
