internal import Corrector
internal import Encoder
internal import Foundation
internal import Store

/// What a refresh starts from, however large its sample is.
struct RefreshGround {
  let encoder: TextEncoder
  let source: GenerationSource
  let journal: EmbeddingJournal
  /// Passages whose stale embedding stands for their present text, ascending.
  let correctable: [Int]
  /// The order in which samples take these.
  let order: SampleOrder
  /// What correctors of text read; nil when none was asked for.
  let features: WordFeatures?
}

extension PassageCollection {
  /// Encodes a sample with the new encoder, fits every corrector on it, and judges them; where an
  /// interval is to be narrow, with samples of twice the size until it is.
  func fit(
    _ encoder: TextEncoder, _ options: RefreshOptions, progress: ProgressHandler?,
    shouldStop: StopCheck
  ) throws -> FittedRefresh {
    if let judged = options.judged { try checkedIDs(judged) }
    try requireWidth(options.intervalWidth)
    let ground = try ground(encoder, options)
    var count = options.sample.count(of: ground.correctable.count)
    while true {
      let fitted = try fit(ground, sample: count, options, progress, shouldStop)
      guard let excess = excessWidth(fitted, options) else { return fitted }
      guard mayEncode(2 * count, of: ground.correctable.count, options) else {
        notice(
          "\(excess); a larger sample would be half of the passages, or all with the budget: "
            + "going on with \(count)")
        return fitted
      }
      count *= 2
    }
  }

  private func requireWidth(_ width: Double?) throws(FreshetError) {
    guard let width, !(width > 0 && width < 1) else { return }
    throw FreshetError(
      .badInput,
      "an interval's width must lie between 0 and 1, was \(width): give one such as 0.05")
  }

  private func ground(_ encoder: TextEncoder, _ options: RefreshOptions) throws -> RefreshGround {
    let source = try refreshSource(for: encoder)
    let correctable = try store.textHashes()
      .filter { source.known($0.row, textHash: $0.hash) != nil }.map(\.row)
    guard correctable.count >= 20 else {
      throw FreshetError(
        .empty,
        "only \(correctable.count) passages have an embedding to correct; a corrector needs "
          + "at least 20: use `freshet encode --encoder` instead")
    }
    return RefreshGround(
      encoder: encoder, source: source,
      journal: try EmbeddingJournal(
        collection: folder, fingerprint: encoder.fingerprint, dimension: encoder.dimension),
      correctable: correctable, order: order(correctable, source, options),
      features: wordFeatures(source, encoder, options))
  }

  private func order(
    _ rows: [Int], _ source: GenerationSource, _ options: RefreshOptions
  ) -> SampleOrder {
    switch options.sampling {
    case .simple: return SampleOrder(simple: rows, seed: options.seed)
    case .stratified:
      let count = VectorClusters.count(
        rows: rows.count, sample: options.sample.count(of: rows.count))
      let clusters = VectorClusters(
        source.vectors, rows: rows, count: count, seed: options.seed)
      return SampleOrder(
        strata: clusters.members(source.vectors, rows: rows), seed: options.seed)
    }
  }

  /// What is to be said of an interval that is wider than was asked for; nil when it is not.
  private func excessWidth(_ fitted: FittedRefresh, _ options: RefreshOptions) -> String? {
    guard let asked = options.intervalWidth else { return nil }
    let interval = fitted.judgement(options).recallAt10
    guard interval.high - interval.low > asked else { return nil }
    return String(
      format: "the interval of neighbours@10 is %.3f wide, not %.3f", interval.high - interval.low,
      asked)
  }

  /// Whether a sample may grow to so many: below half of the passages, and with the budget not all.
  private func mayEncode(_ sample: Int, of passages: Int, _ options: RefreshOptions) -> Bool {
    2 * sample < passages
      && sample + (options.budget?.count(of: passages) ?? 0) < passages
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
}
