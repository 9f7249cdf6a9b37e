public import Encoder
internal import Foundation
internal import Store
internal import Tensors
internal import VectorIndex

/// A generation, as users see it.
public struct GenerationSummary: Sendable, Equatable, Codable {
  /// Its number.
  public var generation: Int
  /// Fingerprint of its encoder.
  public var encoder: String
  /// Embeddings in it, and how many came from the encoder or from a corrector.
  public var passages: Int, encoded: Int, corrected: Int
  /// Passages this verb encoded, their tokens, and how many were longer than the model's limit.
  public var newlyEncoded = 0, tokens = 0, truncated = 0

  init(_ record: GenerationRecord) {
    generation = record.id
    encoder = record.encoder
    passages = record.encoded + record.corrected
    encoded = record.encoded
    corrected = record.corrected
  }
}

extension PassageCollection {
  /// Encodes what has no embedding yet by this encoder, and makes the result the active generation.
  ///
  /// With the active generation's own encoder only pending passages are encoded; with another one
  /// all passages are (``refresh(to:options:progress:shouldStop:)`` is the cheap way to change
  /// encoders). Interrupted, it goes on where it stopped when called again.
  ///
  /// - Parameters:
  ///   - recipe: the index, as a FAISS factory string, or "auto"; nil keeps the present one's.
  /// - Throws: `FreshetError.empty` without passages, `interrupted` when asked to stop; `IndexError`
  ///   for a recipe that does not fit.
  @discardableResult
  public func encode(
    with encoder: TextEncoder, index recipe: String? = nil, progress: ProgressHandler? = nil,
    shouldStop: StopCheck = { false }
  ) throws -> GenerationSummary {
    try exclusively {
      try encodePending(
        with: encoder, index: recipe, progress: progress, shouldStop: shouldStop)
    }
  }

  private func encodePending(
    with encoder: TextEncoder, index: String?, progress: ProgressHandler?, shouldStop: StopCheck
  ) throws -> GenerationSummary {
    guard try store.passageCount > 0 else {
      throw FreshetError(
        .empty, "\(folder.path) has no passages: add some with `freshet add` first")
    }
    let active = try store.activeGeneration()
    let recipe = try recipe(index, following: active, for: encoder)
    try register(encoder)
    let parent = try active.flatMap { try usableParent($0, for: encoder) }
    let pending = try store.pendingRows(generation: parent?.id)
    if pending.isEmpty, let parent {
      _ = try activeGeneration()  // rebuilds and stores its index, should that be damaged
      return GenerationSummary(parent)
    }

    let journal = try EmbeddingJournal(
      collection: folder, fingerprint: encoder.fingerprint, dimension: encoder.dimension)
    let cost = try encodeRows(
      pending, with: encoder, into: journal, progress: progress, shouldStop: shouldStop)
    let source = try parent.map { try GenerationSource($0, mapVectors(of: $0), store) }
    let record = try build(
      GenerationPlan(
        encoder: encoder, parent: active?.id, corrector: parent?.corrector, recipe: recipe,
        former: index == nil ? parent : nil),
      progress: progress, shouldStop: shouldStop
    ) { try self.embeddings(of: $0, journal: journal, source: source) }
    if record.corrected == 0 { journal.remove() }
    var summary = GenerationSummary(record)
    (summary.newlyEncoded, summary.tokens, summary.truncated) = cost
    return summary
  }

  /// The active generation, when it is of this encoder and its vectors are still there.
  private func usableParent(
    _ active: GenerationRecord, for encoder: TextEncoder
  ) throws -> GenerationRecord? {
    guard active.encoder == encoder.fingerprint else { return nil }
    do {
      _ = try mapVectors(of: active)
      return active
    } catch {
      notice("all passages are encoded again: \(FreshetError.words(for: error))")
      return nil
    }
  }

  /// The index to build: what was asked for, else the active generation's kind, else automatic.
  ///
  /// - Throws: `IndexError` when it cannot be built over so many passages.
  func recipe(
    _ asked: String?, following active: GenerationRecord?, for encoder: TextEncoder
  ) throws -> IndexRecipe {
    let recipe =
      try asked.map { try IndexRecipe(parsing: $0) } ?? active.map(recipe(of:)) ?? .automatic
    try FaissIndex.check(recipe, count: store.rowCount(), dimension: encoder.dimension)
    return recipe
  }

  /// Encodes the texts of rows into the journal, block by block, passing over what is there.
  func encodeRows(
    _ rows: [Int], with encoder: TextEncoder, into journal: EmbeddingJournal,
    progress: ProgressHandler?, shouldStop: StopCheck
  ) throws -> (texts: Int, tokens: Int, truncated: Int) {
    var cost = (texts: 0, tokens: 0, truncated: 0)
    let blockSize = 256  // some seconds: the time an interrupt waits, and what a crash costs
    for start in stride(from: 0, to: rows.count, by: blockSize) {
      let block = Array(rows[start..<min(start + blockSize, rows.count)])
      let passages = try store.passages(rows: block).filter { !journal.contains($0.textHash) }
      if !passages.isEmpty {
        guard !shouldStop() else {
          throw FreshetError(
            .interrupted,
            "stopped after \(start) of \(rows.count) passages; they are kept: run the same "
              + "command again to go on")
        }
        let tokensBefore = cost.tokens
        let encoded = encoder.encode(
          passages.map { Passage.embeddedText(title: $0.title, text: $0.text) }, as: .passage
        ) {
          progress?(
            WorkProgress(
              .encoding, done: start + $0.texts, total: rows.count, tokens: tokensBefore + $0.tokens
            ))
        }
        try requireFinite(encoded.embeddings, of: passages, by: encoder)
        try journal.append(passages.map(\.textHash), encoded.embeddings)
        cost.texts += passages.count
        cost.tokens += encoded.tokens
        cost.truncated += encoded.truncatedTexts
      }
      progress?(
        WorkProgress(
          .encoding, done: start + block.count, total: rows.count, tokens: cost.tokens))
    }
    return cost
  }

  /// A model with damaged weights gives NaN; that must not get into a generation.
  func requireFinite(
    _ embeddings: Matrix, of passages: [StoredPassage], by encoder: TextEncoder
  ) throws {
    guard let place = embeddings.firstNonFinite() else { return }
    throw FreshetError(
      .damaged,
      "\(encoder.folder.weightsPath): the encoder gives \(embeddings[place.row, place.column]) for "
        + "passage \"\(passages[place.row].id)\": its weights are damaged, nothing was changed")
  }

  /// The embeddings of consecutive rows: newly encoded ones, else those of the parent generation.
  private func embeddings(
    of range: Range<Int>, journal: EmbeddingJournal, source: GenerationSource?
  ) throws -> [NewEmbedding?] {
    let hashes = try currentHashes(of: range)
    return try range.map { row in
      guard let hash = hashes[row] else { return nil }
      if let kept = try source?.embedding(of: row, textHash: hash) { return kept }
      guard let vector = journal.vector(hash) else { return nil }
      return NewEmbedding(vector: vector, provenance: .encoded, textHash: hash)
    }
  }

  /// Text hashes of the passages alive among these rows.
  func currentHashes(of range: Range<Int>) throws -> [Int: String] {
    let passages = try store.passages(from: range.lowerBound, limit: range.count)
    return Dictionary(
      uniqueKeysWithValues: passages.filter { range.contains($0.row) }.map { ($0.row, $0.textHash) }
    )
  }
}
