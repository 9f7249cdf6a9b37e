internal import Tensors

/// A corrector that was cross-fitted, not judged yet.
struct FittedCorrector {
  let fit: CrossFit
  let seconds: Double

  var corrector: any Corrector { fit.corrector }
}

/// Cross-fits the kinds one after the other to the same parts of the same pairs.
struct Fitter {
  private let folded: FoldedPairs
  private let options: FitOptions
  private let progress: (String, Double) -> Void

  init(
    _ pairs: CorrectionPairs, _ folds: Folds, options: FitOptions,
    progress: @escaping (String, Double) -> Void
  ) {
    folded = FoldedPairs(pairs, folds)
    self.options = options
    self.progress = progress
  }

  private var pairs: CorrectionPairs { folded.pairs }
  private var dimension: Int { pairs.stale.columns }
  private var keepsDimension: Bool { dimension == pairs.fresh.columns }

  /// Fits every kind asked for that applies, simplest first; those of text only where there are
  /// features of it.
  func fitAll(clock: () -> Double) -> (fitted: [FittedCorrector], skipped: [SkippedCandidate]) {
    let kinds = CorrectorKind.allCases.filter {
      ($0 == .identity || options.kinds.contains($0))
        && (!$0.readsText || !pairs.features.isEmpty)
    }
    let began = clock()
    let moments = kinds.contains(where: \.isOfMoments) ? FoldMoments(folded) : nil
    let summing = clock() - began  // the closed forms need the sums: each is charged for them
    var fitted: [FittedCorrector] = []
    var skipped: [SkippedCandidate] = []
    for kind in kinds {
      progress("fit \(kind.rawValue)", 0)
      let start = clock()
      switch fit(kind, moments) {
      case .success(let fit):
        let shared = kind.isOfMoments ? summing : 0
        fitted.append(FittedCorrector(fit: fit, seconds: clock() - start + shared))
      case .failure(let reason):
        skipped.append(SkippedCandidate(kind: kind, reason: reason.text))
      }
      progress("fit \(kind.rawValue)", 1)
    }
    return (fitted, skipped)
  }

  /// Why a kind is skipped.
  private struct Reason: Error {
    let text: String
  }

  private func fit(_ kind: CorrectorKind, _ moments: FoldMoments?) -> Result<CrossFit, Reason> {
    let differ = Reason(
      text: "stale vectors have \(dimension) dimensions, fresh ones \(pairs.fresh.columns)")
    switch kind {
    case .identity:
      return keepsDimension ? .success(identity()) : .failure(differ)
    case .procrustes:
      guard let moments else { return .failure(Reason(text: "not asked for")) }
      return procrustes(moments)
    case .ridge:
      guard let moments else { return .failure(Reason(text: "not asked for")) }
      return searched(RidgeCorrector.search(folded, moments, options: options))
    case .residualMLP:
      return keepsDimension ? .success(residualMLP()) : .failure(differ)
    case .textRidge:
      return searched(TextRidgeCorrector.search(folded, options: options))
    }
  }

  private func identity() -> CrossFit {
    CrossFit(
      corrector: IdentityCorrector(dimension: dimension), outOfFold: pairs.stale, note: "")
  }

  private func procrustes(_ moments: FoldMoments) -> Result<CrossFit, Reason> {
    do throws(LinearAlgebraError) {
      let corrector = try ProcrustesCorrector.fitting(
        moments.all, normalizes: options.normalizes)
      let rotations = try moments.without.map { sums throws(LinearAlgebraError) in
        try ProcrustesCorrector.fitting(sums, normalizes: options.normalizes)
      }
      guard let outOfFold = folded.outOfFold({ rotations[$0] }) else {
        return .failure(Reason(text: "a part has no rotation"))
      }
      return .success(CrossFit(corrector: corrector, outOfFold: outOfFold, note: ""))
    } catch {
      return .failure(Reason(text: error.description))
    }
  }

  private func searched(_ search: RidgeSearch) -> Result<CrossFit, Reason> {
    let fit = search.crossFit { corrector, strength in
      let widths = corrector.featureWidths.map(String.init).joined(separator: " + ")
      return "strength \(strength)" + (widths.isEmpty ? "" : ", \(widths) features of the text")
    }
    guard let fit else {
      return .failure(Reason(text: "the normal equations are singular at every strength"))
    }
    return .success(fit)
  }

  /// Each network is stopped by one part; that of a part's own judging by the part after it.
  private func residualMLP() -> CrossFit {
    let name = "fit \(CorrectorKind.residualMLP.rawValue)"
    let parts = folded.folds.parts.count
    func fitted(_ train: CorrectionPairs, stoppedBy part: Int, _ turn: Int)
      -> (model: ResidualMLP, steps: Int)
    {
      ResidualMLP.fitting(
        train, validation: folded.part(part), normalizes: options.normalizes,
        options: options.mlp, seed: options.seed,
        progress: { progress(name, (Double(turn) + $0) / Double(parts + 1)) })
    }
    let (model, steps) = fitted(folded.outside([0]), stoppedBy: 0, 0)
    let outOfFold = folded.outOfFold { part in
      let next = (part + 1) % parts
      return fitted(folded.outside([part, next]), stoppedBy: next, part + 1).model
    }
    return CrossFit(
      corrector: model, outOfFold: outOfFold ?? pairs.stale,
      note: "width \(options.mlp.width), \(steps) of \(options.mlp.steps) steps")
  }

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
    let candidates = zip(fitted, scores).map { fitted, scores in
      Candidate(
        corrector: fitted.corrector, judgement: scores.scores.judgement(options),
        fitSeconds: fitted.seconds, note: fitted.fit.note)
    }
    let stale = pairs.stale[rows: judged], fresh = pairs.fresh[rows: judged]
    let outOfFold = fitted[chosen].fit.outOfFold[rows: judged]
    let errorModel = ErrorModel(
      stale: stale, corrected: outOfFold, errors: scores[chosen].scores.cosines.map { 1 - $0 },
      grounds: FitGrounds(of: pairs.stale, seed: options.seed))
    let hybrids = judgeHybrids(
      corrected: outOfFold, fresh: fresh,
      predictedErrors: errorModel.predictedErrors(stale: stale, corrected: outOfFold),
      queries: queries, plain: scores[chosen].scores, options: options)
    progress("judge \(fitted[chosen].corrector.kind.rawValue)", 1)
    return CorrectorReport(
      candidates: candidates, chosen: chosen, comparisons: comparisons, skipped: skipped,
      errorModel: errorModel, hybrids: hybrids,
      heldOutRows: Array(folded.folds.order[judged]), heldOut: outOfFold,
      fitRows: pairs.fresh.rows)
  }

  /// Judging compares every row with every other: more rows than this would say no more, only later.
  private static let mostJudged = 4096
}
