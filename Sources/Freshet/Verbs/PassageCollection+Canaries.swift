public import Encoder
internal import Evaluation
internal import Foundation
internal import Store
internal import Tensors

extension PassageCollection {
  /// Encodes some passages now and compares them with the embeddings that are served. Changes
  /// nothing.
  ///
  /// The passages are the same every time, chosen by a hash of their ids: where passages are added
  /// or deleted, few of them are others. With the generation's own encoder, the drift of encoded
  /// rows is that of arithmetic alone, and the drift of corrected ones is their true error. With
  /// a newer encoder, it is how stale the served embeddings are: what tells that a refresh is due.
  ///
  /// - Parameters:
  ///   - count: passages to encode, at least 1; all, when there are fewer.
  ///   - encoder: nil for the active generation's own, from its copy in the collection.
  /// - Throws: `FreshetError`: `empty` when nothing is served; `wrongEncoder` when its dimension is
  ///   another; `damaged`; `interrupted`.
  public func canaryDrift(
    count: Int, encoder: TextEncoder? = nil, progress: ProgressHandler? = nil,
    shouldStop: StopCheck = { false }
  ) throws -> CanaryDrift {
    precondition(count > 0, "there is at least one canary, was \(count)")
    guard let record = try store.activeGeneration() else {
      throw FreshetError(
        .empty, "\(folder.path) has no embeddings yet: run `freshet encode` first")
    }
    let encoder = try encoder ?? self.encoder(fingerprint: record.encoder)
    let source = try GenerationSource(record, try mapVectors(of: record), store)
    guard encoder.dimension == source.vectors.columns else {
      throw FreshetError(
        .wrongEncoder,
        "\(encoder.folder.url.path) gives \(encoder.dimension) dimensions, generation \(record.id) "
          + "holds \(source.vectors.columns): they cannot be compared; `freshet refresh --plan` "
          + "judges a move to another dimension")
    }
    let canaries = try canaries(count, source)
    let drifts = try drifts(of: canaries, source, encoder, progress, shouldStop)
    return CanaryDrift(canaries, drifts, record, encoder.fingerprint)
  }

  /// Embedded passages of the smallest hashes of their ids, in ascending rows.
  func canaries(_ count: Int, _ source: GenerationSource) throws -> [EmbeddingRecord] {
    var best: [(key: UInt64, record: EmbeddingRecord)] = []
    var next = 0
    while true {
      let block = try store.passages(from: next, limit: Self.rowsPerBlock)
      guard let last = block.last else { break }
      next = last.row + 1
      best += block.compactMap { passage in
        source.known(passage.row, textHash: passage.textHash)
          .map { (IdentityKey(id: "canary \(passage.id)").high, $0) }
      }
      best.sort { ($0.key, $0.record.row) < ($1.key, $1.record.row) }
      best = Array(best.prefix(count))
    }
    guard !best.isEmpty else {
      throw FreshetError(
        .empty,
        "no passage of \(folder.path) has an embedding of its present text: run `freshet encode`")
    }
    return best.map(\.record).sorted { $0.row < $1.row }
  }

  /// 1 − cosine of each canary's served vector and what the encoder gives.
  private func drifts(
    of canaries: [EmbeddingRecord], _ source: GenerationSource, _ encoder: TextEncoder,
    _ progress: ProgressHandler?, _ shouldStop: StopCheck
  ) throws -> [Double] {
    let blockSize = 256  // some seconds: the time an interrupt waits
    return try stride(from: 0, to: canaries.count, by: blockSize).flatMap { start in
      guard !shouldStop() else {
        throw FreshetError(.interrupted, "stopped after \(start) of \(canaries.count) canaries")
      }
      let rows = canaries[start..<min(start + blockSize, canaries.count)].map(\.row)
      let passages = try store.passages(rows: rows)
      let fresh = encoder.encode(
        passages.map { Passage.embeddedText(title: $0.title, text: $0.text) }, as: .passage
      ).embeddings
      try requireFinite(fresh, of: passages, by: encoder)
      progress?(WorkProgress(.encoding, done: start + rows.count, total: canaries.count))
      return Freshet.drifts(of: source.vectors.gathering(rows), from: fresh)
    }
  }
}

extension CanaryDrift {
  fileprivate init(
    _ canaries: [EmbeddingRecord], _ drifts: [Double], _ generation: GenerationRecord,
    _ encoder: String
  ) {
    func rows(_ provenance: Provenance?) -> Rows? {
      let chosen = canaries.indices.filter {
        provenance == nil || canaries[$0].provenance == provenance
      }
      guard !chosen.isEmpty else { return nil }
      let interval = bootstrapInterval(chosen.map { drifts[$0] }, seed: 1)
      let errors = provenance == .corrected ? chosen.compactMap { canaries[$0].predictedError } : []
      return Rows(
        count: chosen.count, drift: [interval.low, interval.estimate, interval.high],
        predictedError: errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count))
    }
    self.init(
      generation: generation.id, encoder: encoder, isOwnEncoder: encoder == generation.encoder,
      all: rows(nil) ?? Rows(count: 0, drift: [0, 0, 0]), encoded: rows(.encoded),
      corrected: rows(.corrected))
  }
}
