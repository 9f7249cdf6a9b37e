public import Tensors

extension ResidualMLP {
  /// The drift loss on one batch and its gradient.
  ///
  /// Loss: mean over rows of `‖h(stale) − fresh‖²` (the drift loss of joint training; with unit
  /// rows it is `2 − 2·cos`). Nothing is accumulated: the gradient is of this batch alone.
  ///
  /// - Parameters:
  ///   - stale: `(n, d)`, n > 0.
  ///   - fresh: `(n, d)`.
  /// - Returns: the loss, and its derivative by every parameter.
  /// - Complexity: O(n · d · r), six products; memory for three `(n, r)` matrices.
  public func lossAndGradient(
    stale: Matrix, fresh: Matrix
  ) -> (loss: Double, gradient: MLPParameters) {
    precondition(
      stale.rows == fresh.rows && fresh.columns == outputDimension,
      "drift loss of \(stale.rows)×\(stale.columns) against \(fresh.rows)×\(fresh.columns)")
    return differentiate(stale) { ResidualMLP.driftLoss(corrected: $0, fresh: fresh) }
  }

  /// The mean over rows of `‖corrected − fresh‖²`, and its derivative by `corrected`.
  ///
  /// - Parameters: two matrices `(n, d)`, n > 0; traps when the shapes differ.
  public static func driftLoss(
    corrected: Matrix, fresh: Matrix
  ) -> (loss: Double, gradient: Matrix) {
    var change = corrected  // dL/d corrected = 2 (corrected − fresh) / n, (n, d)
    change.add(fresh, scaledBy: -1)
    let loss = change.sumOfSquares() / Double(corrected.rows)
    change.scale(by: 2 / Float(corrected.rows))
    return (loss, change)
  }

  /// Any loss of the corrected vectors, and its derivative by every parameter.
  ///
  /// - Parameters:
  ///   - stale: `(n, d)`, n > 0.
  ///   - loss: given the corrected vectors, `(n, d)`, returns a number and its derivative by them,
  ///     of the same shape; called once.
  /// - Complexity: O(n · d · r), six products; memory for three `(n, r)` matrices.
  public func differentiate(
    _ stale: Matrix, loss: (_ corrected: Matrix) -> (loss: Double, gradient: Matrix)
  ) -> (loss: Double, gradient: MLPParameters) {
    precondition(stale.rows > 0, "a loss of no vectors")
    requireDimension(stale, inputDimension, kind)
    let before = beforeActivation(stale)  // (n, r)
    let hidden = activations(before)  // (n, r)
    let sum = beforeNormalizing(stale, hidden: hidden)  // (n, d)
    var output = sum
    if normalizes { output.normalizeRows() }

    var (loss, change) = loss(output)  // dL/d output, (n, d)
    if normalizes { backwardThroughNormalizing(&change, output: output, norms: sum.rowNorms()) }

    var atHidden = product(change, parameters.w2, transposeB: true)  // (n, r)
    Gelu.multiplySlope(at: before, into: &atHidden)
    let gradient = MLPParameters(
      w1: product(stale, atHidden, transposeA: true),
      b1: Matrix([atHidden.columnSums()]),
      w2: product(hidden, change, transposeA: true),
      b2: Matrix([change.columnSums()]))
    return (loss, gradient)
  }

  /// For y = u / ‖u‖: `du = (dy − y · (y·dy)) / ‖u‖`, row by row, in place.
  private func backwardThroughNormalizing(
    _ change: inout Matrix, output: Matrix, norms: [Float]
  ) {
    let along = rowDots(change, output)
    var radial = output
    radial.scaleRows(by: along)
    change.add(radial, scaledBy: -1)
    change.scaleRows(by: norms.map { 1 / max($0, 1e-12) })
  }
}
