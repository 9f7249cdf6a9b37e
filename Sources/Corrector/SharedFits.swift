internal import Tensors

/// What several kinds are made of.
private enum SharedWork {
  /// The pairs' first and second moments.
  case moments
  /// The ridge maps, and their strength.
  case ridge
  /// The text-ridge maps, and theirs.
  case textRidge
}

extension CorrectorKind {
  /// What it is made of, beside its own work.
  fileprivate var needs: Set<SharedWork> {
    switch self {
    case .identity, .residualMLP: []
    case .procrustes: [.moments]
    case .lowRank, .ridge, .clusters: [.moments, .ridge]
    case .textRidge, .textMLP: [.textRidge]
    }
  }
}

/// What several kinds are made of, computed once. Each kind is charged for all that it needs, as if
/// it were fitted alone.
struct SharedFits {
  /// Where one of the kinds needs them.
  private(set) var moments: FoldMoments?
  private(set) var ridgeSystems: RidgeSystems?
  private(set) var textSystems: TextSystems?
  /// Ridge and text-ridge, where needed and where their systems can be solved.
  private var searches: [CorrectorKind: SearchedFit<Double>] = [:]
  private var seconds: [SharedWork: Double] = [:]

  /// - Parameter beginning: called with ridge or text-ridge before its maps are fitted.
  init(
    for kinds: [CorrectorKind], _ pairs: FoldedPairs, options: FitOptions, clock: () -> Double,
    beginning: (CorrectorKind) -> Void
  ) {
    let needs = kinds.reduce(into: Set()) { $0.formUnion($1.needs) }
    func time(_ work: SharedWork, _ body: () -> Void) -> Double? {
      guard needs.contains(work) else { return nil }
      let start = clock()
      body()
      return clock() - start
    }
    var moments: FoldMoments?, ridge: RidgeSystems?, texts: TextSystems?
    var searches: [CorrectorKind: SearchedFit<Double>] = [:]
    seconds[.moments] = time(.moments) { moments = FoldMoments(pairs) }
    seconds[.ridge] = time(.ridge) {
      guard let moments else { return }
      beginning(.ridge)
      let made = RidgeSystems(moments)
      ridge = made
      searches[.ridge] = RidgeCorrector.search(pairs, made, options: options).crossFit()
        .map { found in
          found.leavingOut {
            try? ($0 as? RidgeCorrector)?.leavingOutOwn(
              pairs, made[without: nil], strength: found.setting)
          }
        }
    }
    seconds[.textRidge] = time(.textRidge) {
      beginning(.textRidge)
      let made = TextSystems(pairs)
      texts = made
      searches[.textRidge] = TextRidgeCorrector.search(pairs, made, options: options).crossFit()
        .map { found in
          found.leavingOut {
            try? ($0 as? TextRidgeCorrector)?.leavingOutOwn(
              pairs, made, strength: found.setting)
          }
        }
    }
    (self.moments, ridgeSystems, textSystems) = (moments, ridge, texts)
    self.searches = searches
  }

  /// The cross-fitted maps of ridge or text-ridge.
  func searched(_ kind: CorrectorKind) -> Result<SearchedFit<Double>, SkipReason> {
    if let fit = searches[kind] { return .success(fit) }
    return .failure(SkipReason(text: "the normal equations are singular at every strength"))
  }

  /// Seconds for what this kind needs of it.
  func seconds(for kind: CorrectorKind) -> Double {
    kind.needs.reduce(0) { $0 + (seconds[$1] ?? 0) }
  }
}
