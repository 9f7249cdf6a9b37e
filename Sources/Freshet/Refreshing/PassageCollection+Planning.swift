internal import Corrector
public import Encoder
internal import Evaluation
internal import Foundation
internal import Store
internal import Tensors

extension PassageCollection {
  /// What each way to the new encoder would bring and cost. Changes nothing a search can see.
  ///
  /// - Throws: `FreshetError.refused` when the active generation is of this encoder already;
  ///   `CorrectorError`; `interrupted` when asked to stop (what is encoded is kept).
  public func planRefresh(
    to encoder: TextEncoder, options: RefreshOptions = RefreshOptions(),
    progress: ProgressHandler? = nil, shouldStop: StopCheck = { false }
  ) throws -> RefreshPlan {
    try exclusively {
      let fitted = try fit(encoder, options, progress: progress, shouldStop: shouldStop)
      let plan = try plan(fitted, options, progress)
      _ = try report(plan, fitted, options)
      return plan
    }
  }

  func plan(
    _ fitted: FittedRefresh, _ options: RefreshOptions, _ progress: ProgressHandler?
  ) throws -> RefreshPlan {
    let report = fitted.report
    let pending = try store.passageCount - fitted.correctable.count
    let pace = fitted.secondsPerPassage
    let total = try store.passageCount
    var ways: [RefreshPlan.Way] = []
    let writing = try writingSeconds(fitted)
    let candidates = try timedCandidates(fitted)
    let applying = candidates[report.chosen].applySeconds ?? 0
    if let keep = report.keep {
      ways.append(
        .init(
          way: "keep", quality: quality(keep), seconds: writing + Double(pending) * pace,
          encodes: pending))
    }
    ways.append(
      .init(
        way: "correct", quality: quality(report.judgement),
        seconds: writing + applying + Double(pending) * pace, encodes: pending))
    if let hybrid = fitted.hybrid {
      let encodes = pending + fitted.exact - fitted.sample
      ways.append(
        .init(
          way: "hybrid", quality: quality(hybrid.judgement),
          seconds: writing + applying + Double(encodes) * pace, encodes: encodes))
    }
    let encodes = max(total - fitted.sample, 0)
    ways.append(
      .init(
        way: "re-encode",
        quality: ["cosine": [1, 1, 1], "neighbours@10": [1, 1, 1], "kl": [0, 0, 0]],
        seconds: writing + Double(encodes) * pace, encodes: encodes))
    if let judged = options.judged {
      try measure(&ways, fitted, judged, options, progress)
    }
    let correcting = report.corrector.kind == .identity ? "keep" : "correct"
    return RefreshPlan(
      ways: ways, chosen: fitted.mixes(options) ? "hybrid" : correcting,
      corrector: report.corrector.kind, candidates: candidates, skipped: report.skipped,
      sample: fitted.sample, hybrids: report.hybrids, recovery: report.recovery, source: fitted.source.record.id,
      correctsCorrected: fitted.source.record.corrected > 0)
  }

  private func quality(_ judgement: Judgement) -> [String: [Double]] {
    func list(_ interval: Interval) -> [Double] { [interval.low, interval.estimate, interval.high] }
    return [
      "cosine": list(judgement.cosine), "neighbours@10": list(judgement.recallAt10),
      "kl": list(judgement.kl),
    ]
  }

  /// The judged table with the seconds each corrector takes to correct everything, from the time
  /// of a block.
  private func timedCandidates(_ fitted: FittedRefresh) throws -> [JudgedCandidate] {
    let block = Array(fitted.correctable.prefix(1024))
    let share = Double(block.count) / Double(fitted.correctable.count)
    return try zip(fitted.report.table, fitted.report.candidates).map { row, candidate in
      var row = row
      let start = now()
      _ = try corrected(block, fitted, by: candidate.corrector)
      row.applySeconds = now().timeIntervalSince(start) / share
      return row
    }
  }

  /// Seconds to write vectors and their rows, from the time one block of vectors takes.
  private func writingSeconds(_ fitted: FittedRefresh) throws -> Double {
    let block = fitted.source.vectors.gathering(Array(fitted.correctable.prefix(Self.rowsPerBlock)))
    let file = folder.appendingPathComponent("partial/\(fitted.encoder.fingerprint).trial")
    let start = now()
    let writer = try VectorFileWriter(path: file, columns: block.columns)
    try writer.append(block.elements)  // given up here, which removes the file
    let perRow = now().timeIntervalSince(start) / Double(block.rows)
    return (perRow + Self.secondsPerStoredRow) * Double(fitted.correctable.count)
  }

  /// SQLite takes this long for the row of one embedding: 100,000 of them took 1.1 s.
  private static let secondsPerStoredRow = 11e-6

  /// Adds figures on judged queries, encoded by the new encoder, over kept and corrected vectors.
  private func measure(
    _ ways: inout [RefreshPlan.Way], _ fitted: FittedRefresh, _ judged: JudgedQueries,
    _ options: RefreshOptions, _ progress: ProgressHandler?
  ) throws {
    let queries = queryEmbeddings(judged.queries, fitted.encoder, progress)
    let metrics: [Metric] = [.ndcg(10), .recall(1), .recall(10), .recall(100)]
    let depth = 1 + (metrics.map(\.cutoff).max() ?? 0)  // a rule may drop the query's own passage
    for i in ways.indices where ["keep", "correct"].contains(ways[i].way) {
      let vectors =
        ways[i].way == "keep"
        ? fitted.source.vectors.gathering(fitted.correctable)
        : try corrected(fitted.correctable, fitted).vectors
      guard vectors.columns == queries.columns else { continue }
      let found = exactTopK(queries: queries, passages: vectors, k: depth).map {
        $0.map { Neighbor(row: fitted.correctable[$0.row], score: $0.score) }
      }
      let report = try Evaluation.evaluate(
        run: run(judged.queries, found), qrels: judged.qrels, metrics: metrics)
      for metric in metrics {
        let interval = bootstrapInterval(
          report.values(of: metric), samples: 1000, confidence: 0.95, seed: options.seed)
        ways[i].quality[metric.name] = [interval.low, interval.estimate, interval.high]
      }
    }
  }
}
