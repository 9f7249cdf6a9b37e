internal import Tensors

/// A corrector that was fitted, not judged yet.
struct FittedCorrector {
  let corrector: any Corrector
  let seconds: Double
  let note: String
}

/// Fits the kinds one after the other to the same split of the same pairs.
struct Fitter {
  private let train: CorrectionPairs, validation: CorrectionPairs, heldOut: CorrectionPairs
  private let split: SampleSplit
  private let options: FitOptions
  private let progress: (String, Double) -> Void

  init(
    _ pairs: CorrectionPairs, _ split: SampleSplit, options: FitOptions,
    progress: @escaping (String, Double) -> Void
  ) {
    train = pairs.gathering(split.train)
    validation = pairs.gathering(split.validation)
    heldOut = pairs.gathering(split.heldOut)
    self.split = split
    self.options = options
    self.progress = progress
  }

  private var dimension: Int { train.stale.columns }
  private var keepsDimension: Bool { dimension == train.fresh.columns }

  /// Fits every kind asked for that applies, simplest first; those of text only where there are
  /// features of it.
  func fitAll(clock: () -> Double) -> (fitted: [FittedCorrector], skipped: [SkippedCandidate]) {
    let kinds = CorrectorKind.allCases.filter {
      ($0 == .identity || options.kinds.contains($0))
        && ($0 != .textRidge || !train.features.isEmpty)
    }
    let began = clock()
    let moments = kinds.contains { $0 == .procrustes || $0 == .ridge } ? summed() : nil
    let summing = clock() - began  // both closed forms need the sums: each is charged for them
    var fitted: [FittedCorrector] = []
    var skipped: [SkippedCandidate] = []
    for kind in kinds {
      progress("fit \(kind.rawValue)", 0)
      let start = clock()
      switch fit(kind, moments) {
      case .success(let (corrector, note)):
        let shared = kind == .procrustes || kind == .ridge ? summing : 0
        fitted.append(
          FittedCorrector(corrector: corrector, seconds: clock() - start + shared, note: note))
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

  private func summed() -> (train: CrossMoments, all: CrossMoments) {
    var sums = CrossMoments(about: train.stale, train.fresh)
    sums.add(train.stale, train.fresh)
    let trainOnly = sums
    sums.add(validation.stale, validation.fresh)
    return (trainOnly, sums)
  }

  private func fit(
    _ kind: CorrectorKind, _ moments: (train: CrossMoments, all: CrossMoments)?
  ) -> Result<(any Corrector, note: String), Reason> {
    let differ = Reason(
      text: "stale vectors have \(dimension) dimensions, fresh ones \(train.fresh.columns)")
    switch kind {
    case .identity:
      return keepsDimension
        ? .success((IdentityCorrector(dimension: dimension), note: "")) : .failure(differ)
    case .procrustes:
      guard let moments else { return .failure(Reason(text: "not asked for")) }
      return procrustes(moments.all)
    case .ridge:
      guard let moments else { return .failure(Reason(text: "not asked for")) }
      return ridge(moments.train, moments.all)
    case .residualMLP:
      return keepsDimension ? .success(residualMLP()) : .failure(differ)
    case .textRidge:
      return textRidge()
    }
  }

  private func procrustes(
    _ moments: CrossMoments
  ) -> Result<(any Corrector, note: String), Reason> {
    do throws(LinearAlgebraError) {
      return .success(
        (try ProcrustesCorrector.fitting(moments, normalizes: options.normalizes), note: ""))
    } catch {
      return .failure(Reason(text: error.description))
    }
  }

  private func ridge(
    _ trainMoments: CrossMoments, _ allMoments: CrossMoments
  ) -> Result<(any Corrector, note: String), Reason> {
    guard
      let best = RidgeCorrector.choosing(
        train: trainMoments, all: allMoments, validation: validation, options: options)
    else { return .failure(singular) }
    return .success((best.corrector, note: "strength \(best.strength)"))
  }

  private func textRidge() -> Result<(any Corrector, note: String), Reason> {
    guard
      let best = TextRidgeCorrector.choosing(
        train: train, validation: validation, options: options)
    else { return .failure(singular) }
    let widths = best.corrector.featureWidths.map(String.init).joined(separator: " + ")
    return .success(
      (best.corrector, note: "strength \(best.strength), \(widths) features of the text"))
  }

  private var singular: Reason {
    Reason(text: "the normal equations are singular at every strength")
  }

  private func residualMLP() -> (any Corrector, note: String) {
    let name = "fit \(CorrectorKind.residualMLP.rawValue)"
    let (model, steps) = ResidualMLP.fitting(
      train, validation: validation, normalizes: options.normalizes, options: options.mlp,
      seed: options.seed, progress: { progress(name, $0) })
    return (model, note: "width \(options.mlp.width), \(steps) of \(options.mlp.steps) steps")
  }

  /// Judges what was fitted, chooses, and calibrates the error model of the chosen one.
  func report(
    _ fitted: [FittedCorrector], skipped: [SkippedCandidate], queries: Matrix?
  ) -> CorrectorReport {
    var scores: [(kind: CorrectorKind, scores: HeldOutScores)] = []
    for (index, candidate) in fitted.enumerated() {
      progress("judge \(candidate.corrector.kind.rawValue)", Double(index) / Double(fitted.count))
      let corrected = candidate.corrector.apply(heldOut.stale, features: heldOut.features)
      let held = HeldOutScores(
        corrected: corrected, fresh: heldOut.fresh, queries: queries, options: options)
      scores.append((candidate.corrector.kind, held))
    }
    let (chosen, comparisons) = choose(scores, options: options)
    let corrector = fitted[chosen].corrector
    let candidates = zip(fitted, scores).map { fitted, scores in
      Candidate(
        corrector: fitted.corrector, judgement: scores.scores.judgement(options),
        fitSeconds: fitted.seconds, note: fitted.note)
    }
    progress("judge \(corrector.kind.rawValue)", 1)
    return CorrectorReport(
      candidates: candidates, chosen: chosen, comparisons: comparisons, skipped: skipped,
      errorModel: errorModel(corrector, scores[chosen].scores),
      heldOutRows: split.heldOut.sorted(), fitRows: split.train.count + split.validation.count)
  }

  private func errorModel(_ corrector: any Corrector, _ scores: HeldOutScores) -> ErrorModel {
    let fitRows = Matrix.concatenatingRows([train.stale, validation.stale])
    return ErrorModel(
      stale: heldOut.stale,
      corrected: corrector.apply(heldOut.stale, features: heldOut.features),
      errors: scores.cosines.map { 1 - $0 }, grounds: FitGrounds(of: fitRows, seed: options.seed))
  }
}
