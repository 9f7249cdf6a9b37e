internal import Tensors

/// The network as a correction: `h(x) = normalize(base + gelu(x · W1 + b1) · W2 + b2)`, forward and
/// backward. The base is the stale vector itself for the residual MLP, text-ridge's result for the
/// one of text.
extension MLPParameters {
  /// h(x).
  ///
  /// - Parameters:
  ///   - x: `(n, p)`.
  ///   - base: `(n, d')`.
  /// - Returns: `(n, d')`.
  func corrected(_ x: Matrix, base: Matrix, normalizes: Bool) -> Matrix {
    var output = sum(base, hidden: activations(beforeActivation(x)))
    if normalizes { output.normalizeRows() }
    return output
  }

  /// Any loss of the corrected vectors, and its derivative by every parameter.
  ///
  /// - Parameters:
  ///   - x: `(n, p)`, n > 0.
  ///   - base: `(n, d')`.
  ///   - loss: given the corrected vectors, `(n, d')`, returns a number and its derivative by them,
  ///     of the same shape; called once.
  /// - Complexity: O(n · (p + d') · r), five products; memory for three `(n, r)` matrices.
  func differentiate(
    _ x: Matrix, base: Matrix, normalizes: Bool,
    loss: (_ corrected: Matrix) -> (loss: Double, gradient: Matrix)
  ) -> (loss: Double, gradient: MLPParameters) {
    precondition(x.rows > 0 && x.rows == base.rows, "a loss of \(x.rows) and \(base.rows) vectors")
    let before = beforeActivation(x)  // (n, r)
    let hidden = activations(before)  // (n, r)
    let sum = sum(base, hidden: hidden)  // (n, d')
    var output = sum
    if normalizes { output.normalizeRows() }

    var (loss, change) = loss(output)  // dL/d output, (n, d')
    if normalizes { backwardThroughNormalizing(&change, output: output, norms: sum.rowNorms()) }

    var atHidden = product(change, w2, transposeB: true)  // (n, r)
    Gelu.multiplySlope(at: before, into: &atHidden)
    let gradient = MLPParameters(
      w1: product(x, atHidden, transposeA: true),
      b1: Matrix([atHidden.columnSums()]),
      w2: product(hidden, change, transposeA: true),
      b2: Matrix([change.columnSums()]))
    return (loss, gradient)
  }

  /// `x · W1 + b1`; (n, p) → (n, r).
  private func beforeActivation(_ x: Matrix) -> Matrix {
    var result = product(x, w1)
    result.addToRows(b1.elements)
    return result
  }

  /// `gelu(a)`; (n, r) → (n, r).
  private func activations(_ a: Matrix) -> Matrix {
    var hidden = a
    Gelu.apply(to: &hidden)
    return hidden
  }

  /// `base + hidden · W2 + b2`; (n, d') and (n, r) → (n, d').
  private func sum(_ base: Matrix, hidden: Matrix) -> Matrix {
    var result = base
    addProduct(hidden, w2, to: &result)
    result.addToRows(b2.elements)
    return result
  }
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
