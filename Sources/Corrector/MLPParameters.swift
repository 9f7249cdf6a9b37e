public import Tensors

/// The four parameters of a residual MLP; also the shape of its gradient and of Adam's moments.
public struct MLPParameters: Sendable, Equatable {
  /// `(d, r)`.
  public var w1: Matrix
  /// `(1, r)`.
  public var b1: Matrix
  /// `(r, d)`.
  public var w2: Matrix
  /// `(1, d)`.
  public var b2: Matrix

  /// The given parameters. Traps when their shapes do not fit each other.
  public init(w1: Matrix, b1: Matrix, w2: Matrix, b2: Matrix) {
    precondition(
      w2.rows == w1.columns && w2.columns == w1.rows && b1.rows == 1 && b2.rows == 1
        && b1.columns == w1.columns && b2.columns == w1.rows,
      "residual MLP: w1 \(w1.rows)×\(w1.columns), b1 \(b1.columns), w2 \(w2.rows)×\(w2.columns), "
        + "b2 \(b2.columns)")
    (self.w1, self.b1, self.w2, self.b2) = (w1, b1, w2, b2)
  }

  /// Zeros for d = `dimension` and r = `width`.
  public init(dimension: Int, width: Int) {
    self.init(
      w1: Matrix(rows: dimension, columns: width), b1: Matrix(rows: 1, columns: width),
      w2: Matrix(rows: width, columns: dimension), b2: Matrix(rows: 1, columns: dimension))
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

  /// Multiplies weights and biases so that `s · f(z / s)` becomes the function of `z`, where f is
  /// the function these parameters give: a network fitted to vectors of norm 1 then fits those of
  /// norm s.
  mutating func rescale(to scale: Float) {
    guard scale != 1 else { return }
    w1.scale(by: 1 / scale)
    w2.scale(by: scale)
    b2.scale(by: scale)
  }
}
