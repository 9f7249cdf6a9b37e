internal import Tensors

extension Fitter {
  /// The residual MLP, raced against ridge.
  func residualMLP(_ shared: SharedFits) -> Result<CrossFit, SkipReason> {
    let incumbent = options.kinds.contains(.ridge) ? try? shared.searched(.ridge).get().fit : nil
    return network(.residualMLP, options.mlp, against: incumbent) {
      part, judge, progress in
      let (model, steps) = ResidualMLP.fitting(
        folded.outside(Set([part, judge].compactMap(\.self))), validation: folded.part(judge),
        normalizes: options.normalizes, options: options.mlp, seed: options.seed,
        progress: progress)
      return (model, steps)
    }
  }

  /// The network of the text, from the text-ridge maps of the same parts and raced against them.
  func textMLP(_ shared: SharedFits) -> Result<CrossFit, SkipReason> {
    let search: SearchedFit<Double>
    switch shared.searched(.textRidge) {
    case .success(let found): search = found
    case .failure(let reason): return .failure(reason)
    }
    guard let systems = shared.textSystems else {
      return .failure(SkipReason(text: "no features of the text"))
    }
    let fits = TextMLPFits(folded, systems, options: options)
    return network(.textMLP, options.mlp.ofText, against: search.fit) {
      part, judge, progress in
      let start = part.map { search.fit.withoutParts[$0] } ?? search.fit.corrector
      guard let start = start as? TextRidgeCorrector,
        let (model, steps) = try? fits.network(
          on: start, without: part, stoppedBy: judge, strength: search.setting,
          progress: progress)
      else { return nil }
      return (model, steps)
    }
  }

  /// Cross-fits a network. Each is stopped by one part; that of a part's own judging by the part
  /// after it.
  ///
  /// - Parameters:
  ///   - network: its options, for the note.
  ///   - incumbent: the simpler kind that a network which must lead has to beat on the first part.
  ///   - fitted: a network of all pairs but a part's, stopped by another, and its steps; nil when
  ///     the system below it is singular.
  private func network(
    _ kind: CorrectorKind, _ network: MLPOptions, against incumbent: CrossFit?,
    fitted: (_ without: Int?, _ stoppedBy: Int, _ progress: (Double) -> Void) -> (
      model: any Corrector, steps: Int
    )?
  ) -> Result<CrossFit, SkipReason> {
    let parts = folded.folds.parts.count
    func fit(without part: Int?) -> (model: any Corrector, steps: Int)? {
      let turn = Double(part ?? parts)
      return fitted(part, part.map { ($0 + 1) % parts } ?? 0) {
        progress("fit \(kind.rawValue)", (turn + $0) / Double(parts + 1))
      }
    }
    let singular = SkipReason(text: "the normal equations are singular")
    guard let first = fit(without: 0)?.model else { return .failure(singular) }
    if options.mlp.mustLead, let incumbent, let reason = behind(first, incumbent) {
      return .failure(reason)
    }
    let others = folded.folds.parts.indices.dropFirst().compactMap { fit(without: $0)?.model }
    guard others.count == parts - 1, let (model, steps) = fit(without: nil) else {
      return .failure(singular)
    }
    return .success(
      CrossFit(
        model, withoutParts: [first] + others, of: folded,
        note: "width \(network.width), \(steps) of \(network.steps) steps"))
  }

  /// Why a network need not be fitted further: it does not lead a simpler kind on the first part.
  private func behind(_ model: any Corrector, _ incumbent: CrossFit) -> SkipReason? {
    let part = folded.part(0)
    func divergence(_ corrected: Matrix) -> Double {
      mean(
        HeldOutScores(
          corrected: corrected, fresh: part.fresh, queries: nil, options: options,
          forIntervals: false
        ).divergences)
    }
    let own = divergence(model.apply(part.stale, features: part.features))
    let other = divergence(incumbent.outOfFold[rows: folded.folds.parts[0]])
    guard own >= other else { return nil }
    let place = own > other ? "behind" : "level with"
    return SkipReason(
      text: "\(place) \(incumbent.corrector.kind.rawValue) on the first \(part.stale.rows) pairs, "
        + "KL \(rounded(own)) against \(rounded(other)): not fitted further")
  }

  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }
}
