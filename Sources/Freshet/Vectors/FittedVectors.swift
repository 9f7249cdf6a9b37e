internal import Corrector
internal import Foundation
internal import Tensors

/// Correctors fitted to a sample of vectors and judged; nothing is written yet.
struct FittedVectors {
  let stale: VectorFile
  let sample: VectorSample
  let pairs: CorrectionPairs
  let report: CorrectorReport
  /// As it was used, seed and normalisation included.
  let options: FitOptions

  init(
    _ stale: VectorFile, _ sample: VectorSample, _ options: VectorRefreshOptions,
    now: () -> Date, progress: ProgressHandler?
  ) throws {
    if let queries = options.queries, queries.columns != sample.fresh.columns {
      throw FreshetError(
        .badInput,
        "the queries have \(queries.columns) dimensions, the fresh vectors of the sample "
          + "\(sample.fresh.columns): encode the queries with the new encoder")
    }
    var fit = options.fit
    fit.seed = options.seed
    fit.normalizes = options.normalizes ?? sample.fresh.rowsAreUnit
    let pairs = CorrectionPairs(stale: try stale.gathering(sample.rows), fresh: sample.fresh)
    self.stale = stale
    self.sample = sample
    self.pairs = pairs
    self.options = fit
    report = try fitCorrectors(
      pairs, queries: options.queries, options: fit,
      clock: { now().timeIntervalSinceReferenceDate },
      progress: { _, share in
        progress?(WorkProgress(.fitting, done: Int(share * 100), total: 100))
      })
  }

  /// The plan; the correctors are timed on the first block.
  func plan(now: () -> Date) throws -> VectorRefreshPlan {
    let candidates = try timedCandidates(now: now)
    var ways: [VectorRefreshPlan.Way] = []
    if let keep = report.keep {
      ways.append(.init(way: "keep", quality: keep.quality, seconds: 0, encodes: 0))
    }
    ways.append(
      .init(
        way: "correct", quality: report.judgement.quality,
        seconds: candidates[report.chosen].applySeconds, encodes: 0))
    ways.append(
      .init(
        way: "re-encode",
        quality: ["cosine": [1, 1, 1], "neighbours@10": [1, 1, 1], "kl": [0, 0, 0]],
        seconds: nil, encodes: stale.rows - sample.rows.count))
    return VectorRefreshPlan(
      ways: ways, chosen: report.corrector.kind == .identity ? "keep" : "correct",
      corrector: report.corrector.kind, candidates: candidates, skipped: report.skipped,
      recovery: report.recovery, rows: stale.rows, sample: sample.rows.count,
      staleDimension: stale.columns, freshDimension: sample.fresh.columns,
      normalizes: options.normalizes)
  }

  /// The judged table with the seconds each corrector takes for all vectors, reading included.
  private func timedCandidates(now: () -> Date) throws -> [JudgedCandidate] {
    let rows = 0..<min(stale.rows, stale.rowsPerBlock)
    return try zip(report.table, report.candidates).map { row, candidate in
      var row = row
      let start = now()
      _ = candidate.corrector.apply(try stale.block(rows))
      row.applySeconds =
        now().timeIntervalSince(start) * Double(stale.rows) / Double(rows.count)
      return row
    }
  }
}

extension Judgement {
  /// By metric, `[low, estimate, high]`.
  fileprivate var quality: [String: [Double]] {
    [("cosine", cosine), ("neighbours@10", recallAt10), ("kl", kl)].reduce(into: [:]) {
      $0[$1.0] = [$1.1.low, $1.1.estimate, $1.1.high]
    }
  }
}

extension Matrix {
  /// Whether every row has norm 1, up to the rounding of float16.
  fileprivate var rowsAreUnit: Bool { rowNorms().allSatisfy { abs($0 - 1) < 1e-3 } }
}
