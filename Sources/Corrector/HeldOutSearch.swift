internal import Tensors

/// Rows that choose a setting: as many parts as are needed for the first number, and no more rows
/// than the second.
private let choosingRows = (wanted: 400, most: 1000)

/// A cross-fitted map and its setting.
struct SearchedFit<Setting> {
  var fit: CrossFit
  let setting: Setting
}

extension SearchedFit {
  /// The same with what maps of all other rows make of each, where `made` knows it.
  func leavingOut(_ made: (any Corrector) -> Matrix?) -> SearchedFit {
    var result = self
    result.fit.leftOut = made(fit.corrector)
    return result
  }
}

/// Fits of one kind of map to all pairs and to all but each part, at whatever setting.
struct HeldOutSearch<Setting> {
  let pairs: FoldedPairs
  let options: FitOptions
  /// In the order of trial: of settings that do equally well, the first is taken.
  let settings: [Setting]
  /// The map fitted without a part (or to all pairs, for nil) at a setting, or nil when its system
  /// is singular there: a stronger penalty is needed.
  let map: (_ part: Int?, _ setting: Setting) -> (any Corrector)?

  /// Chooses the setting on rows that no map has seen, then fits to all and to all but each part.
  ///
  /// - Parameter describing: what was chosen, in words for people.
  /// - Returns: nil when no setting gives a solvable system.
  func crossFit(describing: (any Corrector, Setting) -> String) -> SearchedFit<Setting>? {
    guard let setting = chosen(), let corrector = map(nil, setting) else { return nil }
    let parts = pairs.folds.parts.indices.compactMap { map($0, setting) }
    guard parts.count == pairs.folds.parts.count else { return nil }
    let fit = CrossFit(
      corrector, withoutParts: parts, of: pairs, note: describing(corrector, setting))
    return SearchedFit(fit: fit, setting: setting)
  }

  /// The setting whose maps stand in best for the fresh vectors in retrieval.
  ///
  /// Best is the smallest mean `KL(P ‖ P_h)` over rows that the maps have not seen, each of which
  /// asks once for the others (``Judgement/kl``). The squared distance, which ridge minimises, asks
  /// for a stronger penalty than retrieval does: it prefers to keep the vectors where it is in
  /// doubt. On MiniLM fine-tuned on Debian descriptions, over five samples of 420 pairs, it brought
  /// back 21% of the lost nDCG@10 by ridge and 20% by text ridge; KL 25% and 27%.
  /// The squared distance is looked at after all where fewer than three rows are left, and where
  /// vectors are not of norm 1: the temperature is one for cosines.
  func chosen() -> Setting? {
    var best: (loss: Double, setting: Setting)?
    for setting in settings {
      guard let loss = loss(at: setting) else { continue }
      if loss.isFinite, best.map({ loss < $0.loss }) ?? true { best = (loss, setting) }
    }
    return best?.setting
  }

  private func loss(at setting: Setting) -> Double? {
    var corrected: [Matrix] = [], fresh: [Matrix] = []
    for index in choosingParts {
      guard let map = map(index, setting) else { return nil }
      let part = pairs.part(index)
      corrected.append(map.apply(part.stale, features: part.features))
      fresh.append(part.fresh)
    }
    let guesses = Matrix.concatenatingRows(corrected), truths = Matrix.concatenatingRows(fresh)
    let rows = 0..<min(guesses.rows, choosingRows.most)
    let (guess, truth) = (guesses[rows: rows], truths[rows: rows])
    guard rows.count >= 3, options.normalizes else { return meanSquaredDistance(guess, truth) }
    return mean(
      HeldOutScores(
        corrected: guess, fresh: truth, queries: nil, options: options, forIntervals: false
      ).divergences)
  }

  private var choosingParts: Range<Int> {
    var rows = 0
    for (index, part) in pairs.folds.parts.enumerated() {
      rows += part.count
      if rows >= choosingRows.wanted { return 0..<index + 1 }
    }
    return pairs.folds.parts.indices
  }
}

/// A search for the strength of a ridge penalty.
typealias RidgeSearch = HeldOutSearch<Double>

extension RidgeSearch {
  /// Tries the strengths of the options, strongest first.
  init(
    pairs: FoldedPairs, options: FitOptions,
    map: @escaping (_ part: Int?, _ strength: Double) -> (any Corrector)?
  ) {
    self.init(
      pairs: pairs, options: options, settings: options.ridgeStrengths.sorted(by: >), map: map)
  }

  /// ``crossFit(describing:)`` in the words for strengths and features.
  func crossFit() -> SearchedFit<Double>? {
    crossFit { corrector, strength in
      let widths = corrector.featureWidths.map(String.init).joined(separator: " + ")
      return "strength \(strength)" + (widths.isEmpty ? "" : ", \(widths) features of the text")
    }
  }
}

/// Mean over rows of `‖a − b‖²`; both `(n, d)`. 0 for no rows.
func meanSquaredDistance(_ a: Matrix, _ b: Matrix) -> Double {
  var difference = a
  difference.add(b, scaledBy: -1)
  return difference.sumOfSquares() / Double(max(a.rows, 1))
}
