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
      let ridge = fitted.first { $0.corrector.kind == .ridge }?.fit
      switch fit(kind, moments, ridge: ridge) {
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

  private func fit(
    _ kind: CorrectorKind, _ moments: FoldMoments?, ridge: CrossFit?
  ) -> Result<CrossFit, Reason> {
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
      return keepsDimension ? residualMLP(against: ridge) : .failure(differ)
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
  private func residualMLP(against ridge: CrossFit?) -> Result<CrossFit, Reason> {
    let name = "fit \(CorrectorKind.residualMLP.rawValue)"
    let parts = folded.folds.parts.count
    var turn = 0.0
    func fitted(without part: Int?, stoppedBy judge: Int) -> (model: ResidualMLP, steps: Int) {
      defer { turn += 1 }
      return ResidualMLP.fitting(
        folded.outside(Set([part, judge].compactMap(\.self))), validation: folded.part(judge),
        normalizes: options.normalizes, options: options.mlp, seed: options.seed,
        progress: { progress(name, (turn + $0) / Double(parts + 1)) })
    }
    let first = fitted(without: 0, stoppedBy: 1).model
    if options.mlp.mustLead, let ridge, let reason = behind(first, ridge) {
      return .failure(reason)
    }
    let outOfFold = folded.outOfFold { part in
      part == 0 ? first : fitted(without: part, stoppedBy: (part + 1) % parts).model
    }
    let (model, steps) = fitted(without: nil, stoppedBy: 0)
    return .success(
      CrossFit(
        corrector: model, outOfFold: outOfFold ?? pairs.stale,
        note: "width \(options.mlp.width), \(steps) of \(options.mlp.steps) steps"))
  }

  /// Why a network need not be fitted further: it is behind ridge on the first part.
  private func behind(_ model: ResidualMLP, _ ridge: CrossFit) -> Reason? {
    let part = folded.part(0)
    func divergence(_ corrected: Matrix) -> Double {
      mean(
        HeldOutScores(
          corrected: corrected, fresh: part.fresh, queries: nil, options: options
        ).divergences)
    }
    let own = divergence(model.apply(part.stale))
    let other = divergence(ridge.outOfFold[rows: folded.folds.parts[0]])
    guard own > other else { return nil }
    return Reason(
      text: "behind ridge on the first \(part.stale.rows) pairs, KL \(rounded(own)) against "
        + "\(rounded(other)): not fitted further")
  }

  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

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
