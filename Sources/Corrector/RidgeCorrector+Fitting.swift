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

  private static func fitting(
    _ system: PrimalRidge, strength: Double, normalizes: Bool
  ) throws(LinearAlgebraError) -> RidgeCorrector {
    let (weight, bias) = try system.solution(strength: strength)
    return RidgeCorrector(
      weight: Matrix(
        rows: system.inputs, columns: system.outputs, elements: weight.map { Float($0) }),
      bias: bias.map { Float($0) }, addsInput: system.addsInput, normalizes: normalizes)
  }

  /// Chooses the strength on validation rows (see ``chooseStrength(from:validation:options:map:)``),
  /// then fits to all fit rows.
  ///
  /// - Parameters:
  ///   - train: moments of the rows the strengths are tried on.
  ///   - all: moments of the train and validation rows together.
  ///   - validation: rows for choosing.
  /// - Returns: the map and its strength, or nil when no strength gives a solvable system.
  static func choosing(
    train: CrossMoments, all: CrossMoments, validation: CorrectionPairs, options: FitOptions
  ) -> (corrector: RidgeCorrector, strength: Double)? {
    let system = PrimalRidge(train, staleColumns: train.inputs)
    let strength = chooseStrength(
      from: options.ridgeStrengths, validation: validation, options: options
    ) {
      // Singular in float64 at this strength: a stronger penalty is needed.
      try? fitting(system, strength: $0, normalizes: options.normalizes)
    }
    guard let strength,
      let map = try? fitting(all, strength: strength, normalizes: options.normalizes)
    else { return nil }
    return (map, strength)
  }
}
