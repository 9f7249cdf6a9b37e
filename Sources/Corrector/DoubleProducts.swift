internal import Synchronization
internal import Tensors

/// Rows of float64 packed eight to a vector, the last one of each row padded with zeros.
///
/// Closed forms are computed from float64 sums: float32 products would cost the last four digits
/// of the normal equations. Eight lanes per element make the plain loops below fast without a
/// pointer.
struct PackedRows: Sendable {
  let rows: Int, columns: Int
  /// Vectors per row.
  let stride: Int
  var lanes: [SIMD8<Double>]

  /// Zeros.
  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    stride = (columns + 7) / 8
    lanes = [SIMD8<Double>](repeating: .zero, count: rows * stride)
  }

  /// `values`, `(rows, columns)` row-major.
  init(_ values: [Double], rows: Int, columns: Int) {
    precondition(values.count == rows * columns, "\(values.count) values for \(rows)×\(columns)")
    self.init(rows: rows, columns: columns)
    for i in 0..<rows {
      for j in 0..<columns { lanes[i * stride + j / 8][j % 8] = values[i * columns + j] }
    }
  }

  /// The values without padding, row-major.
  var values: [Double] {
    var result = [Double]()
    result.reserveCapacity(rows * columns)
    for i in 0..<rows {
      for j in 0..<columns { result.append(lanes[i * stride + j / 8][j % 8]) }
    }
    return result
  }

  /// Adds values of the same shape.
  mutating func add(_ other: PackedRows) {
    precondition(rows == other.rows && columns == other.columns, "shapes do not fit")
    for i in lanes.indices { lanes[i] += other.lanes[i] }
  }

  /// Adds `Σ_r left(r, i) · right(r, ·)` to row `i`, for every row of this matrix: `leftᵀ · right`.
  ///
  /// - Parameters:
  ///   - left: `(n, rows)`, row-major.
  ///   - right: `(n, columns)`.
  /// - Complexity: O(n · rows · columns), rows split over our threads.
  mutating func addTransposedProduct(_ left: [Double], _ right: PackedRows) {
    precondition(left.count == right.rows * rows && right.columns == columns, "shapes do not fit")
    let bands = Mutex<[(first: Int, lanes: [SIMD8<Double>])]>([])
    let (height, width) = (rows, stride)
    Threads.forEachRange(of: height, minimum: 8) { range in
      var band = [SIMD8<Double>](repeating: .zero, count: range.count * width)
      for i in range {
        addCombination(of: right, coefficients: left, at: i, stride: height,
          to: &band, from: (i - range.lowerBound) * width)
      }
      let finished = band
      bands.withLock { $0.append((range.lowerBound, finished)) }
    }
    for band in bands.withLock({ $0 }) {
      let start = band.first * width
      for (offset, value) in band.lanes.enumerated() { lanes[start + offset] += value }
    }
  }
}

/// Adds `Σ_r coefficients[at + r · stride] · right(r, ·)` to one row of `target`, four terms at a
/// time: the row stays in registers or the first cache while `right` streams by.
private func addCombination(
  of right: PackedRows, coefficients: [Double], at first: Int, stride: Int,
  to target: inout [SIMD8<Double>], from start: Int
) {
  let width = right.stride
  var r = 0
  while r + 4 <= right.rows {
    let a = coefficients[first + r * stride], b = coefficients[first + (r + 1) * stride]
    let c = coefficients[first + (r + 2) * stride], d = coefficients[first + (r + 3) * stride]
    let base = r * width
    for j in 0..<width {
      var sum = right.lanes[base + j] * a
      sum += right.lanes[base + width + j] * b
      sum += right.lanes[base + 2 * width + j] * c
      sum += right.lanes[base + 3 * width + j] * d
      target[start + j] += sum
    }
    r += 4
  }
  while r < right.rows {
    let a = coefficients[first + r * stride]
    for j in 0..<width { target[start + j] += right.lanes[r * width + j] * a }
    r += 1
  }
}

/// `leftᵀ · right` for row-major `(n, rows)` and `(n, columns)`, in float64.
func transposedProduct(
  _ left: [Double], _ right: [Double], n: Int, rows: Int, columns: Int
) -> [Double] {
  var result = PackedRows(rows: rows, columns: columns)
  result.addTransposedProduct(left, PackedRows(right, rows: n, columns: columns))
  return result.values
}

/// The transpose of a row-major `(rows, columns)` matrix.
func transposed(_ values: [Double], rows: Int, columns: Int) -> [Double] {
  var result = [Double](repeating: 0, count: values.count)
  for i in 0..<rows {
    for j in 0..<columns { result[j * rows + i] = values[i * columns + j] }
  }
  return result
}
