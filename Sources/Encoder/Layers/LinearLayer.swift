import Tensors

/// `y = x · weightᵀ (+ bias)` as functions over one model's parameters.
enum LinearLayer {
  /// x: (rows, in) → (rows, out), without the bias: the next step adds it on its way.
  static func forward(_ x: Matrix, _ layer: BERTSlots.Linear, _ parameters: Parameters) -> Matrix {
    product(x, parameters.values[layer.weight], transposeB: true)
  }

  /// dy: (rows, out), x: the forward input, (rows, in).
  /// Adds dyᵀ·x and the column sums of dy to the gradients; returns dx = dy·weight, (rows, in).
  static func backward(
    _ dy: Matrix, x: Matrix, _ layer: BERTSlots.Linear, _ parameters: Parameters,
    into gradients: inout Parameters
  ) -> Matrix {
    addProduct(dy, x, transposeA: true, beta: 1, to: &gradients.values[layer.weight])
    gradients.values[layer.bias].addColumnSums(of: dy)
    return product(dy, parameters.values[layer.weight])
  }
}
