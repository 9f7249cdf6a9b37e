internal import Tensors

extension Fitter {
  /// Judges what was fitted, chooses, and calibrates the error model of the chosen one.
  func report(
    _ fitted: [FittedCorrector], skipped: [SkippedCandidate], queries: Matrix?
  ) -> CorrectorReport {
    let judged = 0..<min(pairs.fresh.rows, Self.mostJudged)
    var scores: [(kind: CorrectorKind, scores: HeldOutScores)] = []
    for (index, candidate) in fitted.enumerated() {
      progress("judge \(candidate.corrector.kind.rawValue)", Double(index) / Double(fitted.count))
      let held = HeldOutScores(
        corrected: candidate.fit.outOfFold[rows: judged], fresh: pairs.fresh[rows: judged],
        queries: queries, options: options)
      scores.append((candidate.corrector.kind, held))
    }
    let (chosen, comparisons) = choose(scores, options: options)
    let fresh = pairs.fresh[rows: judged], stale = pairs.stale[rows: judged]
    let foretold = zip(fitted, scores).map { fitted, scores in
      guard let unseen = fitted.fit.leftOut else { return scores.scores }
      return HeldOutScores(
        corrected: unseen[rows: judged], fresh: fresh, queries: queries, options: options)
    }
    let candidates = zip(fitted, foretold).map { fitted, scores in
      Candidate(
        corrector: fitted.corrector, judgement: scores.judgement(options),
        fitSeconds: fitted.seconds, note: fitted.fit.note)
    }
    let unseen = fitted[chosen].fit.unseen[rows: judged]
    let errorModel = ErrorModel(
      stale: stale, corrected: unseen, errors: foretold[chosen].cosines.map { 1 - $0 },
      grounds: FitGrounds(of: pairs.stale, seed: options.seed))
    let hybrids = judgeHybrids(
      corrected: unseen, fresh: fresh,
      predictedErrors: errorModel.predictedErrors(stale: stale, corrected: unseen),
      queries: queries, plain: foretold[chosen], options: options)
    progress("judge \(fitted[chosen].corrector.kind.rawValue)", 1)
    return CorrectorReport(
      candidates: candidates, chosen: chosen, comparisons: comparisons, skipped: skipped,
      errorModel: errorModel, hybrids: hybrids,
      heldOutRows: Array(folded.folds.order[judged]), heldOut: unseen,
      fitRows: pairs.fresh.rows)
  }

  /// Judging compares every row with every other: more rows than this would say no more, only later.
  private static let mostJudged = 4096
}
