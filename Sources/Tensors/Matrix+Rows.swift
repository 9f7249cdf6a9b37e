internal import Glibc

extension Matrix {
  /// Lends all elements as a span. O(1), no copy.
  public func withSpan<Result, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe withUnsafeElements { (all: UnsafeBufferPointer<Float>) throws(Failure) -> Result in
      try unsafe body(Span(_unsafeElements: all))
    }
  }

  /// Lends all elements for writing as a span.
  public mutating func withMutableSpan<Result, Failure: Error>(
    _ body: (inout MutableSpan<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe withUnsafeMutableElements {
      (all: UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result in
      var span = unsafe MutableSpan(_unsafeElements: all)
      return try body(&span)
    }
  }

  /// The rows, ascending, in which this matrix and the first rows of `other` are not the same bits.
  /// Traps when the columns differ or `other` has fewer rows.
  public func rowsDiffering(from other: Matrix) -> [Int] {
    precondition(
      columns == other.columns && other.rows >= rows,
      "\(rows)×\(columns) compared with \(other.rows)×\(other.columns)")
    let bytes = columns * MemoryLayout<Float>.stride
    return unsafe withUnsafeElements { a in
      unsafe other.withUnsafeElements { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return [] }
        return (0..<rows).filter { row in
          unsafe memcmp(a + row * columns, b + row * columns, bytes) != 0
        }
      }
    }
  }

  /// A copy of row `index`.
  public func row(_ index: Int) -> [Float] { self[rows: index..<index + 1].elements }

  /// Replaces row `index`. Traps when the length is not `columns`.
  public mutating func setRow(_ index: Int, to values: [Float]) {
    precondition(values.count == columns, "a row of \(values.count) values into \(columns) columns")
    setRows(startingAt: index, to: Matrix(rows: 1, columns: columns, elements: values))
  }

  /// Replaces consecutive rows by those of `other`. Traps when they do not fit.
  public mutating func setRows(startingAt first: Int, to other: Matrix) {
    precondition(
      other.columns == columns && first >= 0 && first + other.rows <= rows,
      "\(other.rows)×\(other.columns) does not fit at row \(first) of \(rows)×\(columns)")
    guard other.count > 0 else { return }
    let start = first * columns
    unsafe withUnsafeMutableElements { target in
      unsafe other.withUnsafeElements { source in
        for i in source.indices { unsafe target[start + i] = source[i] }
      }
    }
  }

  /// A new matrix of the given rows, in the given order (repeats allowed).
  public func gathering(_ indices: [Int]) -> Matrix {
    var result = Matrix(uninitializedRows: indices.count, columns: columns)
    let width = columns
    unsafe withUnsafeElements { source in
      unsafe result.withUnsafeMutableElements { target in
        for (i, row) in indices.enumerated() {
          precondition(row >= 0 && row < rows, "row \(row) of a matrix of \(rows) rows")
          for j in 0..<width { unsafe target[i * width + j] = source[row * width + j] }
        }
      }
    }
    return result
  }

  /// The rows of all parts, one after the other. Traps when their columns differ.
  public static func concatenatingRows(_ parts: [Matrix]) -> Matrix {
    let columns = parts.first?.columns ?? 0
    var result = Matrix(
      uninitializedRows: parts.reduce(0) { $0 + $1.rows }, columns: columns)
    var next = 0
    for part in parts {
      precondition(part.columns == columns, "parts of \(part.columns) and \(columns) columns")
      result.setRows(startingAt: next, to: part)
      next += part.rows
    }
    return result
  }

  /// The columns of all parts, side by side. Traps when their rows differ.
  public static func concatenatingColumns(_ parts: [Matrix]) -> Matrix {
    let rows = parts.first?.rows ?? 0
    let columns = parts.reduce(0) { $0 + $1.columns }
    var result = Matrix(uninitializedRows: rows, columns: columns)
    var first = 0
    for part in parts {
      precondition(part.rows == rows, "parts of \(part.rows) and \(rows) rows")
      let width = part.columns
      unsafe result.withUnsafeMutableElements { target in
        unsafe part.withUnsafeElements { source in
          for i in 0..<rows {
            for j in 0..<width {
              unsafe target[i * columns + first + j] = source[i * width + j]
            }
          }
        }
      }
      first += width
    }
    return result
  }

  /// The transposed matrix.
  public func transposed() -> Matrix {
    var result = Matrix(uninitializedRows: columns, columns: rows)
    let (height, width) = (rows, columns)
    unsafe withUnsafeElements { source in
      unsafe result.withUnsafeMutableElements { target in
        for i in 0..<height {
          for j in 0..<width { unsafe target[j * height + i] = source[i * width + j] }
        }
      }
    }
    return result
  }

  /// The first element, in row order, that is NaN or infinite.
  public func firstNonFinite() -> (row: Int, column: Int)? {
    unsafe withUnsafeElements { all in
      // x - x is 0 for finite x and NaN otherwise: a sum finds a bad block without a branch each.
      for start in stride(from: 0, to: all.count, by: 4096) {
        let end = min(start + 4096, all.count)
        var sum: Float = 0
        for i in start..<end { unsafe sum += all[i] - all[i] }
        if sum == 0 { continue }
        for i in start..<end where unsafe !all[i].isFinite {
          return (i / columns, i % columns)
        }
      }
      return nil
    }
  }
}
