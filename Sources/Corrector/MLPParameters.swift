public import Tensors

/// The four parameters of a network with one hidden layer, whose output corrects a vector; also the
/// shape of its gradient and of Adam's moments.
public struct MLPParameters: Sendable, Equatable {
  /// `(p, r)`; p = d for the residual MLP, which reads the stale vector alone.
  public var w1: Matrix
  /// `(1, r)`.
  public var b1: Matrix
  /// `(r, d')`; d' = d for the residual MLP.
  public var w2: Matrix
  /// `(1, d')`.
  public var b2: Matrix

  /// The given parameters. Traps when their shapes do not fit each other.
  public init(w1: Matrix, b1: Matrix, w2: Matrix, b2: Matrix) {
    precondition(
      w2.rows == w1.columns && b1.rows == 1 && b2.rows == 1 && b1.columns == w1.columns
        && b2.columns == w2.columns,
      "network: w1 \(w1.rows)×\(w1.columns), b1 \(b1.columns), w2 \(w2.rows)×\(w2.columns), "
        + "b2 \(b2.columns)")
    (self.w1, self.b1, self.w2, self.b2) = (w1, b1, w2, b2)
  }

  /// Zeros for d = `dimension` and r = `width`.
  public init(dimension: Int, width: Int) {
    self.init(inputs: dimension, width: width, outputs: dimension)
  }

  /// Zeros for p = `inputs`, r = `width` and d' = `outputs`.
  init(inputs: Int, width: Int, outputs: Int) {
    self.init(
      w1: Matrix(rows: inputs, columns: width), b1: Matrix(rows: 1, columns: width),
      w2: Matrix(rows: width, columns: outputs), b2: Matrix(rows: 1, columns: outputs))
  }

  /// What gives 0 for every input and is ready to learn: W2 = b2 = 0, b1 = 0, W1 drawn from
  /// N(0, 1/p).
  static func silent(inputs: Int, width: Int, outputs: Int, seed: UInt64) -> MLPParameters {
    precondition(inputs > 0 && width > 0, "a network of \(inputs)×\(width)")
    var random = RandomStream(seed: seed, stream: RandomUse.weights)
    var parameters = MLPParameters(inputs: inputs, width: width, outputs: outputs)
    let scale = 1 / Double(inputs).squareRoot()
    parameters.w1 = Matrix(
      rows: inputs, columns: width,
      elements: (0..<inputs * width).map { _ in Float(scale * random.normal()) })
    return parameters
  }

  /// Numbers in all four, for d = `dimension` and r = `width`.
  public static func count(dimension: Int, width: Int) -> Int {
    2 * dimension * width + dimension + width
  }

  /// The four by name, in a fixed order: for saving.
  public var tensors: [(name: String, values: Matrix)] {
    [("w1", w1), ("b1", b1), ("w2", w2), ("b2", b2)]
  }

  /// Calls `body` with each parameter of `self` and the same one of `other`.
  mutating func forEach(
    with other: MLPParameters, _ body: (inout Matrix, Matrix) -> Void
  ) {
    body(&w1, other.w1)
    body(&b1, other.b1)
    body(&w2, other.w2)
    body(&b2, other.b2)
  }

  /// Multiplies weights and biases so that `t · f(x / s)` becomes the function of `x`, where f is
  /// the function these parameters give: a network fitted to inputs and outputs of norm 1 then fits
  /// those of norm s and t.
  mutating func rescale(inputs s: Float, outputs t: Float) {
    if s != 1 { w1.scale(by: 1 / s) }
    guard t != 1 else { return }
    w2.scale(by: t)
    b2.scale(by: t)
  }
}
