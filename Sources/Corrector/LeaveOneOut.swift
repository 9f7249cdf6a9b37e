internal import Tensors

/// Least share of a residual that is its own row's, where rows are taken as if left out: below it
/// rounding would be divided by next to nothing.
private let leastOwnShare = 1e-3

extension RidgeSystem {
  /// What the maps of all other rows make of each row, for the price of one: n maps that differ
  /// from this one by a row each (PRESS: Allen, Technometrics 16, 1974).
  ///
  /// Parts of the pairs (``Folds``) judge maps of fewer rows than the one that goes to use, and so
  /// foretell it too low; these miss one row of all. A duplicate in the sample helps here as one
  /// helps a passage that was not sampled.
  ///
  /// - Parameters:
  ///   - made: `(n, d')`, what this system's map makes of its own rows, before normalising.
  ///   - inputs: those rows, `(n, p)`.
  ///   - fresh: `(n, d')`.
  /// - Returns: `(n, d')`, not normalised.
  /// - Throws: `LinearAlgebraError` when the system is singular at this strength.
  /// - Complexity: O(min(n, p)³ + n · p · d').
  func leavingOutOwn(
    _ made: Matrix, inputs: Matrix, fresh: Matrix, strength: Double
  ) throws(LinearAlgebraError) -> Matrix {
    let leverages = try leverages(of: inputs, penalty: penalty(strength: strength))
    var residuals = fresh
    residuals.add(made, scaledBy: -1)
    residuals.scaleRows(by: leverages.map { Float(1 / max(1 - $0, leastOwnShare)) })
    var result = fresh
    result.add(residuals, scaledBy: -1)
    return result
  }
}
