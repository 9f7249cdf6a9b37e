internal import Corrector
internal import Encoder
internal import Foundation
internal import Store
internal import Tensors

extension PassageCollection {
  /// Encodes a sample with the new encoder, fits every corrector on it, and judges them.
  func fit(
    _ encoder: TextEncoder, _ options: RefreshOptions, progress: ProgressHandler?,
    shouldStop: StopCheck
  ) throws -> FittedRefresh {
    if let judged = options.judged { try checkedIDs(judged) }
    let source = try refreshSource(for: encoder)
    let hashes = try store.textHashes()
    let correctable = hashes.filter { source.known($0.row, textHash: $0.hash) != nil }.map(\.row)
    guard correctable.count >= 20 else {
      throw FreshetError(
        .empty,
        "only \(correctable.count) passages have an embedding to correct; a corrector needs "
          + "at least 20: use `freshet encode --encoder` instead")
    }
    let rows = sample(options.sample.count(of: correctable.count), of: correctable, options.seed)
    let exact = min(
      rows.count + (options.budget ?? .share(0.05)).count(of: correctable.count),
      correctable.count)
    guard options.budget == nil || exact < correctable.count else {
      throw FreshetError(
        .badInput,
        "a sample of \(rows.count) and the budget are all of the \(correctable.count) passages: "
          + "`freshet encode --encoder` encodes them all, or give a smaller budget")
    }
    let journal = try EmbeddingJournal(
      collection: folder, fingerprint: encoder.fingerprint, dimension: encoder.dimension)
    let pace = try encodeSample(rows, encoder, journal, progress, shouldStop)
    let features = wordFeatures(source, encoder, options)
    let pairs = try pairs(rows, source, journal, encoder, features)
    let report = try fitCorrectors(
      pairs, queries: nil,
      options: fitOptions(options, encoder, exactShare: Double(exact) / Double(correctable.count)),
      clock: { now().timeIntervalSinceReferenceDate },
      progress: { _, share in
        progress?(WorkProgress(.fitting, done: Int(share * 100), total: 100))
      })
    return FittedRefresh(
      source: source, report: report, journal: journal, encoder: encoder,
      features: features, correctable: correctable, secondsPerPassage: pace, sample: rows.count,
      sampled: rows, pairs: pairs, exact: exact)
  }

  private func fitOptions(
    _ options: RefreshOptions, _ encoder: TextEncoder, exactShare: Double
  ) -> FitOptions {
    var fit = options.fit
    if exactShare < 1 { fit.exactShares = [exactShare] + fit.exactShares }
    fit.seed = options.seed
    fit.normalizes = encoder.model.normalizes
    return fit
  }

  /// The generation to correct from: the active one, or its nearest ancestor that holds nothing
  /// but true embeddings.
  private func refreshSource(for encoder: TextEncoder) throws -> GenerationSource {
    guard let active = try store.activeGeneration() else {
      throw FreshetError(
        .empty, "\(folder.path) has no embeddings to refresh: run `freshet encode` first")
    }
    guard active.encoder != encoder.fingerprint else {
      throw FreshetError(
        .refused,
        "generation \(active.id) is already in the space of this encoder "
          + "(\(encoder.fingerprint.prefix(12))): nothing to refresh. `freshet encode` embeds "
          + "pending passages")
    }
    var candidate: GenerationRecord? = active
    while let record = candidate, record.corrected > 0 {
      candidate = try record.parent.flatMap { try store.generation($0) }
    }
    let record = candidate.flatMap { $0.encoder == encoder.fingerprint ? nil : $0 } ?? active
    return try GenerationSource(record, try mapVectors(of: record), store)
  }

  /// A simple random sample without replacement, in ascending order; the same for the same seed.
  private func sample(_ count: Int, of rows: [Int], _ seed: UInt64) -> [Int] {
    var random = RandomStream(seed: seed, stream: 0x5A3F)
    var pool = rows
    for i in 0..<count {
      pool.swapAt(i, Int.random(in: i..<pool.count, using: &random))
    }
    return pool.prefix(count).sorted()
  }

  /// - Returns: seconds per passage at the new encoder.
  private func encodeSample(
    _ rows: [Int], _ encoder: TextEncoder, _ journal: EmbeddingJournal,
    _ progress: ProgressHandler?, _ shouldStop: StopCheck
  ) throws -> Double {
    let start = now()
    let cost = try encodeRows(
      rows, with: encoder, into: journal, progress: progress, shouldStop: shouldStop)
    if cost.texts >= 64 { return now().timeIntervalSince(start) / Double(cost.texts) }
    // The sample was encoded by an earlier run: time a few again.
    let probe = try store.passages(rows: Array(rows.prefix(64)))
    let probeStart = now()
    _ = encoder.encode(
      probe.map { Passage.embeddedText(title: $0.title, text: $0.text) }, as: .passage)
    return now().timeIntervalSince(probeStart) / Double(max(probe.count, 1))
  }

  private func pairs(
    _ rows: [Int], _ source: GenerationSource, _ journal: EmbeddingJournal,
    _ encoder: TextEncoder, _ features: WordFeatures?
  ) throws -> CorrectionPairs {
    let fresh = try store.passages(rows: rows).flatMap { journal.vector($0.textHash) ?? [] }
    return CorrectionPairs(
      stale: source.vectors.gathering(rows),
      fresh: Matrix(rows: rows.count, columns: encoder.dimension, elements: fresh),
      features: try features.map { $0.blocks(of: try embeddedTexts(rows: rows)) } ?? [])
  }
}
