internal import CKernels

/// The dot product of each row of `a` with the same row of `b`.
///
/// - Parameters: two matrices of one shape `(n, d)`; traps otherwise.
/// - Returns: `n` dot products.
public func rowDots(_ a: Matrix, _ b: Matrix) -> [Float] {
  precondition(
    a.rows == b.rows && a.columns == b.columns,
    "rowDots: \(a.rows)×\(a.columns) with \(b.rows)×\(b.columns)")
  let (height, width) = (a.rows, a.columns)
  var dots = [Float](repeating: 0, count: height)
  unsafe a.withUnsafeElements { a in
    unsafe b.withUnsafeElements { b in
      guard let a = a.baseAddress, let b = b.baseAddress else { return }
      for i in 0..<height { unsafe dots[i] = ck_dot(a + i * width, b + i * width, width) }
    }
  }
  return dots
}

extension Matrix {
  /// The Euclidean norm of each row.
  public func rowNorms() -> [Float] { rowDots(self, self).map { $0.squareRoot() } }

  /// Scales every row to Euclidean norm 1. A zero row stays zero (as in PyTorch's `normalize`).
  public mutating func normalizeRows() {
    let norms = rowNorms()
    scaleRows(by: norms.map { 1 / max($0, 1e-12) })
  }

  /// Multiplies row i by `factors[i]`.
  public mutating func scaleRows(by factors: [Float]) {
    precondition(factors.count == rows, "\(factors.count) factors for \(rows) rows")
    let width = columns
    withMutableSpan { span in
      for (i, factor) in factors.enumerated() {
        for j in i * width..<(i + 1) * width { span[j] *= factor }
      }
    }
  }

  /// Multiplies every element by `factor`.
  public mutating func scale(by factor: Float) {
    withMutableSpan { span in
      for i in span.indices { span[i] = factor == 0 ? 0 : span[i] * factor }
    }
  }

  /// Adds `factor · other`. Traps when the shapes differ.
  public mutating func add(_ other: Matrix, scaledBy factor: Float = 1) {
    precondition(
      rows == other.rows && columns == other.columns,
      "add: \(other.rows)×\(other.columns) to \(rows)×\(columns)")
    let width = columns
    unsafe other.withUnsafeElements { source in
      let source = unsafe Shared(orEmpty: source)
      unsafe inRowRangesWithIndex { first, start, rows in
        unsafe ck_axpy(factor, source.pointer + first * width, start, rows * width)
      }
    }
  }

  /// Adds `bias` to every row. Traps when its length is not `columns`.
  public mutating func addToRows(_ bias: [Float]) {
    precondition(bias.count == columns, "a bias of \(bias.count) to \(columns) columns")
    let (height, width) = (rows, columns)
    withMutableSpan { span in
      for i in 0..<height {
        for j in 0..<width { span[i * width + j] += bias[j] }
      }
    }
  }

  /// The sum of each column, in row order.
  public func columnSums() -> [Float] {
    var sums = [Float](repeating: 0, count: columns)
    let (height, width) = (rows, columns)
    withSpan { span in
      for i in 0..<height {
        for j in 0..<width { sums[j] += span[i * width + j] }
      }
    }
    return sums
  }

  /// The sum of the squares of all elements, in double precision.
  public func sumOfSquares() -> Double {
    unsafe withUnsafeElements { all in
      guard let start = all.baseAddress else { return 0 }
      return unsafe ck_sum_of_squares(start, all.count)
    }
  }
}
