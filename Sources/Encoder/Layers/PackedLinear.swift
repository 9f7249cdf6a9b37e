import Tensors

/// `y = x · weightᵀ + bias` with the weight laid out for the kernels.
struct PackedLinear: Sendable {
  private let slots: BERTSlots.Linear
  private let weight: PackedWeight
  /// `dx = dy · weight`; nil when it is not for training.
  private let transposed: PackedWeight?
  /// `(1, out)`.
  let bias: Matrix

  init(_ slots: BERTSlots.Linear, _ parameters: Parameters, _ packing: Packing) {
    self.slots = slots
    let values = parameters.values[slots.weight]
    weight = PackedWeight(values, precision: packing.precision)
    transposed = packing.trains ? PackedWeight(values, transposed: true) : nil
    bias = parameters.values[slots.bias]
  }

  /// Bytes the packed weights take.
  var byteCount: Int { weight.byteCount + (transposed?.byteCount ?? 0) }

  /// Number of columns of the result.
  var outputs: Int { weight.outputs }

  /// x: (rows, in) → (rows, out), bias added.
  func forward(_ x: Matrix, activation: Activation? = nil) -> Matrix {
    linear(x, weight, bias: bias, activation: activation)
  }

  /// The same over `y`, whose memory is used again.
  func forward(_ x: Matrix, activation: Activation? = nil, into y: inout Matrix) {
    linear(x, weight, bias: bias, activation: activation, into: &y)
  }

  /// The same without the bias: the layer norm that follows adds it on its way.
  func forwardWithoutBias(_ x: Matrix, into y: inout Matrix) {
    linear(x, weight, into: &y)
  }

  /// dy: (rows, out), x: the forward input, (rows, in).
  /// Adds dyᵀ·x and the column sums of dy to the gradients; returns dx = dy·weight, (rows, in).
  func backward(_ dy: Matrix, x: Matrix, into gradients: inout Parameters) -> Matrix {
    guard let transposed else { preconditionFailure("the weights are packed for inference only") }
    addProduct(dy, x, transposeA: true, beta: 1, to: &gradients.values[slots.weight])
    gradients.values[slots.bias].addColumnSums(of: dy)
    return linear(dy, transposed)
  }
}

/// How weights are laid out: for what, and in which numbers.
struct Packing: Sendable {
  var precision = Precision.float32
  /// Whether gradients are wanted: each weight is then packed in both directions.
  var trains = false
  /// So many of the first layers, and the tables, get no gradient; nil for none.
  var frozenLayers: Int?
}
