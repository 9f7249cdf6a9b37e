import Tensors

/// The first dimensions of embeddings, brought to unit length again where whole ones have it
/// (Matryoshka, Kusupati et al. 2022).
struct Truncation: Sendable, Equatable {
  /// Dimensions that are kept; nil for all of them, as they are.
  let dimensions: Int?
  /// Whether truncated rows are scaled to unit length.
  let normalizes: Bool

  /// The rows truncated, and the lengths they had before they were scaled; nil when they were not.
  func apply(to rows: Matrix) -> (rows: Matrix, lengths: [Float]?) {
    guard let dimensions = kept(of: rows.columns) else { return (rows, nil) }
    var result = Matrix(rows: rows.rows, columns: dimensions)
    let (height, width) = (rows.rows, rows.columns)
    rows.withSpan { source in
      result.withMutableSpan { target in
        for i in 0..<height {
          for j in 0..<dimensions { target[i * dimensions + j] = source[i * width + j] }
        }
      }
    }
    guard normalizes else { return (result, nil) }
    let lengths = result.rowNorms().map { max($0, 1e-12) }
    result.scaleRows(by: lengths.map { 1 / $0 })
    return (result, lengths)
  }

  /// Adds the gradient by whole rows, given that by truncated ones.
  ///
  /// - Parameters:
  ///   - gradient: (rows, dimensions).
  ///   - truncated, lengths: what ``apply(to:)`` made of the rows.
  ///   - total: (rows, d), added to.
  func addGradient(
    _ gradient: Matrix, truncated: Matrix, lengths: [Float]?, to total: inout Matrix
  ) {
    guard let dimensions = kept(of: total.columns) else { return total.add(gradient) }
    var inner = gradient
    if let lengths {
      // y = x/|x|: dx = (dy − y(y·dy)) / |x|.
      var along = truncated
      along.scaleRows(by: rowDots(truncated, gradient))
      inner.add(along, scaledBy: -1)
      inner.scaleRows(by: lengths.map { 1 / $0 })
    }
    let (height, width) = (total.rows, total.columns)
    inner.withSpan { source in
      total.withMutableSpan { target in
        for i in 0..<height {
          for j in 0..<dimensions { target[i * width + j] += source[i * dimensions + j] }
        }
      }
    }
  }

  private func kept(of width: Int) -> Int? {
    guard let dimensions, dimensions != width else { return nil }
    precondition(dimensions < width, "\(dimensions) dimensions of embeddings of \(width)")
    return dimensions
  }
}
