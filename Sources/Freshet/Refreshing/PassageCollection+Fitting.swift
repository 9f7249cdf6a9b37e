internal import Corrector
internal import Encoder
internal import Foundation
internal import Store
internal import Tensors

extension PassageCollection {
  /// Encodes a sample of so many, fits every corrector on it, and judges them.
  func fit(
    _ ground: RefreshGround, sample: Int, _ options: RefreshOptions, _ progress: ProgressHandler?,
    _ shouldStop: StopCheck
  ) throws -> FittedRefresh {
    let passages = ground.correctable.count
    let rows = ground.order.sample(sample)
    let exact = min(
      rows.count + (options.budget ?? .share(0.05)).count(of: passages), passages)
    guard options.budget == nil || exact < passages else {
      throw FreshetError(
        .badInput,
        "a sample of \(rows.count) and the budget are all of the \(passages) passages: "
          + "`freshet encode --encoder` encodes them all, or give a smaller budget")
    }
    let pace = try encodeSample(rows, ground, progress, shouldStop)
    let pairs = try pairs(rows, ground)
    let report = try fitCorrectors(
      pairs, queries: nil,
      options: fitOptions(
        options, ground.encoder, exactShare: Double(exact) / Double(passages)),
      clock: { now().timeIntervalSinceReferenceDate },
      progress: { _, share in
        progress?(WorkProgress(.fitting, done: Int(share * 100), total: 100))
      })
    return FittedRefresh(
      source: ground.source, report: report, journal: ground.journal, encoder: ground.encoder,
      features: ground.features, correctable: ground.correctable, secondsPerPassage: pace,
      sample: rows.count, sampled: rows, pairs: pairs, exact: exact)
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

  /// - Returns: seconds per passage at the new encoder.
  private func encodeSample(
    _ rows: [Int], _ ground: RefreshGround, _ progress: ProgressHandler?, _ shouldStop: StopCheck
  ) throws -> Double {
    let start = now()
    let cost = try encodeRows(
      rows, with: ground.encoder, into: ground.journal, progress: progress, shouldStop: shouldStop)
    if cost.texts >= 64 { return now().timeIntervalSince(start) / Double(cost.texts) }
    // The sample was encoded by an earlier run: time a few again.
    let probe = try store.passages(rows: Array(rows.prefix(64)))
    let probeStart = now()
    _ = ground.encoder.encode(
      probe.map { Passage.embeddedText(title: $0.title, text: $0.text) }, as: .passage)
    return now().timeIntervalSince(probeStart) / Double(max(probe.count, 1))
  }

  private func pairs(_ rows: [Int], _ ground: RefreshGround) throws -> CorrectionPairs {
    let fresh = try store.passages(rows: rows).flatMap { ground.journal.vector($0.textHash) ?? [] }
    return CorrectionPairs(
      stale: ground.source.vectors.gathering(rows),
      fresh: Matrix(rows: rows.count, columns: ground.encoder.dimension, elements: fresh),
      features: try ground.features.map { $0.blocks(of: try embeddedTexts(rows: rows)) } ?? [])
  }
}
