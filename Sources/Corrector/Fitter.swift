internal import Tensors

/// A corrector that was cross-fitted, not judged yet.
struct FittedCorrector {
  let fit: CrossFit
  let seconds: Double

  var corrector: any Corrector { fit.corrector }
}

/// Why a kind is skipped, in one line with its numbers.
struct SkipReason: Error {
  let text: String
}

/// Cross-fits the kinds one after the other to the same parts of the same pairs.
struct Fitter {
  let folded: FoldedPairs
  let options: FitOptions
  let progress: (String, Double) -> Void

  init(
    _ pairs: CorrectionPairs, _ folds: Folds, options: FitOptions,
    progress: @escaping (String, Double) -> Void
  ) {
    folded = FoldedPairs(pairs, folds)
    self.options = options
    self.progress = progress
  }

  var pairs: CorrectionPairs { folded.pairs }
  private var dimension: Int { pairs.stale.columns }
  private var keepsDimension: Bool { dimension == pairs.fresh.columns }

  /// Fits every kind asked for that applies, simplest first; those of text only where there are
  /// features of it.
  func fitAll(clock: () -> Double) -> (fitted: [FittedCorrector], skipped: [SkippedCandidate]) {
    let kinds = CorrectorKind.allCases.filter {
      ($0 == .identity || options.kinds.contains($0))
        && (!$0.readsText || !pairs.features.isEmpty)
    }
    let shared = SharedFits(
      for: kinds, folded, options: options, clock: clock,
      beginning: { progress("fit \($0.rawValue)", 0) })
    var fitted: [FittedCorrector] = []
    var skipped: [SkippedCandidate] = []
    for kind in kinds {
      progress("fit \(kind.rawValue)", 0)
      let start = clock()
      switch fit(kind, shared) {
      case .success(let fit):
        let seconds = clock() - start + shared.seconds(for: kind)
        fitted.append(FittedCorrector(fit: fit, seconds: seconds))
      case .failure(let reason):
        skipped.append(SkippedCandidate(kind: kind, reason: reason.text))
      }
      progress("fit \(kind.rawValue)", 1)
    }
    return (fitted, skipped)
  }

  private func fit(_ kind: CorrectorKind, _ shared: SharedFits) -> Result<CrossFit, SkipReason> {
    let differ = SkipReason(
      text: "stale vectors have \(dimension) dimensions, fresh ones \(pairs.fresh.columns)")
    switch kind {
    case .identity: return keepsDimension ? .success(identity()) : .failure(differ)
    case .procrustes: return procrustes(shared)
    case .lowRank: return lowRank(shared)
    case .ridge: return shared.searched(.ridge).map(\.fit)
    case .clusters: return clusters(shared)
    case .residualMLP: return keepsDimension ? residualMLP(shared) : .failure(differ)
    case .textRidge: return shared.searched(.textRidge).map(\.fit)
    case .textMLP: return textMLP(shared)
    }
  }

  private func identity() -> CrossFit {
    let identity = IdentityCorrector(dimension: dimension)
    return CrossFit(identity, withoutParts: folded.folds.parts.map { _ in identity }, of: folded)
  }

  private func procrustes(_ shared: SharedFits) -> Result<CrossFit, SkipReason> {
    guard let moments = shared.moments else { return .failure(SkipReason(text: "no moments")) }
    do throws(LinearAlgebraError) {
      let corrector = try ProcrustesCorrector.fitting(
        moments.all, normalizes: options.normalizes)
      let rotations = try moments.without.map { sums throws(LinearAlgebraError) in
        try ProcrustesCorrector.fitting(sums, normalizes: options.normalizes)
      }
      return .success(CrossFit(corrector, withoutParts: rotations, of: folded))
    } catch {
      return .failure(SkipReason(text: error.description))
    }
  }
}
