internal import Tensors

extension RidgeCorrector {
  /// The ridge map of these moments, in float64 through a Cholesky factorisation; the penalty is
  /// described at ``RidgeSystem``.
  ///
  /// - Throws: `LinearAlgebraError` when the system is singular at this strength.
  static func fitting(
    _ moments: CrossMoments, strength: Double, normalizes: Bool
  ) throws(LinearAlgebraError) -> RidgeCorrector {
    try fitting(
      PrimalRidge(moments, staleColumns: moments.inputs), strength: strength,
      normalizes: normalizes)
  }

  /// The same of a system.
  static func fitting(
    _ system: PrimalRidge, strength: Double, normalizes: Bool
  ) throws(LinearAlgebraError) -> RidgeCorrector {
    let (weight, bias) = try system.solution(strength: strength)
    return RidgeCorrector(
      weight: Matrix(
        rows: system.inputs, columns: system.outputs, elements: weight.map { Float($0) }),
      bias: bias.map { Float($0) }, addsInput: system.addsInput, normalizes: normalizes)
  }

  /// The ridge maps of all pairs and of all but each part.
  static func search(
    _ pairs: FoldedPairs, _ systems: RidgeSystems, options: FitOptions
  ) -> RidgeSearch {
    RidgeSearch(pairs: pairs, options: options) { part, strength in
      try? fitting(systems[without: part], strength: strength, normalizes: options.normalizes)
    }
  }
}

extension RidgeCorrector {
  /// What the maps of all other pairs make of each, `(n, d')`; self is the map of all.
  func leavingOutOwn(
    _ pairs: FoldedPairs, _ system: PrimalRidge, strength: Double
  ) throws(LinearAlgebraError) -> Matrix {
    var result = try system.leavingOutOwn(
      beforeNormalizing(pairs.pairs.stale), inputs: pairs.pairs.stale, fresh: pairs.pairs.fresh,
      strength: strength)
    if normalizes { result.normalizeRows() }
    return result
  }
}

/// The ridge systems of all pairs, and of all but each part.
struct RidgeSystems {
  private let all: PrimalRidge
  private let without: [PrimalRidge]

  init(_ moments: FoldMoments) {
    all = PrimalRidge(moments.all, staleColumns: moments.all.inputs)
    without = moments.without.map { PrimalRidge($0, staleColumns: $0.inputs) }
  }

  /// The system of all pairs but those of a part; of all, for nil.
  subscript(without part: Int?) -> PrimalRidge { part.map { without[$0] } ?? all }
}

/// Moments of all pairs, and of all but each part.
struct FoldMoments {
  let all: CrossMoments
  let without: [CrossMoments]

  init(_ pairs: FoldedPairs) {
    let empty = CrossMoments(about: pairs.pairs.stale, pairs.pairs.fresh)
    let parts = pairs.folds.parts.indices.map { index in
      var sums = empty
      let part = pairs.part(index)
      sums.add(part.stale, part.fresh)
      return sums
    }
    func sum(without left: Int?) -> CrossMoments {
      var sums = empty
      for index in parts.indices where index != left { sums.add(parts[index]) }
      return sums
    }
    all = sum(without: nil)
    without = parts.indices.map { sum(without: $0) }
  }
}
