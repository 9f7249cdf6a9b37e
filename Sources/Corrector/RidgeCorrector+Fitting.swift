internal import Tensors

extension RidgeCorrector {
  /// The ridge map of these moments, in float64 through a Cholesky factorisation.
  ///
  /// With centred `X` and target `T` (fresh − stale between equal dimensions, fresh otherwise):
  /// `W = (XᵀX + λ·I)⁻¹ XᵀT` and `b = t̄ − x̄·W`, where `λ = strength · trace(XᵀX) / d`, so that
  /// one strength means the same for any number of rows and any scale of vectors.
  ///
  /// - Throws: `LinearAlgebraError` when the system is singular at this strength.
  static func fitting(
    _ moments: CrossMoments, strength: Double, normalizes: Bool
  ) throws(LinearAlgebraError) -> RidgeCorrector {
    let (d, e) = (moments.inputs, moments.outputs)
    let addsInput = d == e
    var gram = moments.centredGram()
    var cross = moments.centredCrossProduct()
    if addsInput { for i in cross.indices { cross[i] -= gram[i] } }
    let trace = (0..<d).reduce(0) { $0 + gram[$1 * d + $1] }
    // Equal rows have no spread: any penalty will do then, and the map is a shift by the bias.
    let penalty = trace > 0 ? strength * trace / Double(d) : 1
    for i in 0..<d { gram[i * d + i] += penalty }
    let weight = try solvePositiveDefinite(gram, n: d, rightSides: cross, m: e)
    return RidgeCorrector(
      weight: Matrix(rows: d, columns: e, elements: weight.map { Float($0) }),
      bias: intercept(moments.means, weight, addsInput: addsInput).map { Float($0) },
      addsInput: addsInput, normalizes: normalizes)
  }

  private static func intercept(
    _ means: (stale: [Double], fresh: [Double]), _ weight: [Double], addsInput: Bool
  ) -> [Double] {
    let e = means.fresh.count
    var bias = means.fresh
    for (i, x) in means.stale.enumerated() {
      if addsInput { bias[i] -= x }
      for j in 0..<e { bias[j] -= x * weight[i * e + j] }
    }
    return bias
  }

  /// Chooses the strength with the smallest error on validation rows, then fits to all fit rows.
  ///
  /// - Parameters:
  ///   - train: moments of the rows the strengths are tried on.
  ///   - all: moments of the train and validation rows together.
  ///   - validation: rows for choosing.
  /// - Returns: the map and its strength, or nil when no strength gives a solvable system.
  static func choosing(
    from strengths: [Double], train: CrossMoments, all: CrossMoments,
    validation: CorrectionPairs, normalizes: Bool
  ) -> (corrector: RidgeCorrector, strength: Double)? {
    var best: (error: Double, strength: Double)?
    for strength in strengths.sorted(by: >) {
      guard
        let map = try? fitting(train, strength: strength, normalizes: normalizes)
      else { continue }  // singular in float64 at this strength: a stronger penalty is needed
      let error = meanSquaredDistance(map.apply(validation.stale), validation.fresh)
      if error.isFinite, best.map({ error < $0.error }) ?? true { best = (error, strength) }
    }
    guard let strength = best?.strength,
      let map = try? fitting(all, strength: strength, normalizes: normalizes)
    else { return nil }
    return (map, strength)
  }
}

/// Mean over rows of `‖a − b‖²`; both `(n, d)`. 0 for no rows.
func meanSquaredDistance(_ a: Matrix, _ b: Matrix) -> Double {
  var difference = a
  difference.add(b, scaledBy: -1)
  return difference.sumOfSquares() / Double(max(a.rows, 1))
}
