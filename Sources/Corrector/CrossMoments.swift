internal import Tensors

/// Counts, means and centred second moments of (stale, fresh) rows, in float64: all that the
/// closed-form correctors need to know of the pairs.
struct CrossMoments: Sendable {
  /// d and d'.
  let inputs: Int, outputs: Int
  /// A point near the mean, subtracted from every row before it is summed (against cancellation):
  /// d values for stale rows, d' for fresh ones.
  private let staleOrigin: [Double], freshOrigin: [Double]
  private(set) var count = 0
  /// Sums of shifted rows.
  private var staleSum: [Double], freshSum: [Double]
  /// Sums of outer products of shifted rows: `(d, d)` and `(d, d')`.
  private var staleStale: PackedRows, staleFresh: PackedRows

  /// The moments of no rows yet; sums will be taken about the means of `stale` and `fresh`.
  init(about stale: Matrix, _ fresh: Matrix) {
    (inputs, outputs) = (stale.columns, fresh.columns)
    staleOrigin = columnMeans(stale)
    freshOrigin = columnMeans(fresh)
    staleSum = [Double](repeating: 0, count: inputs)
    freshSum = [Double](repeating: 0, count: outputs)
    staleStale = PackedRows(rows: inputs, columns: inputs)
    staleFresh = PackedRows(rows: inputs, columns: outputs)
  }

  /// Adds rows: `(n, d)` and `(n, d')`. O(n · d · (d + d')), memory for a block of rows.
  mutating func add(_ stale: Matrix, _ fresh: Matrix) {
    precondition(
      stale.rows == fresh.rows && stale.columns == inputs && fresh.columns == outputs,
      "moments of \(inputs) and \(outputs) columns: \(stale.columns) and \(fresh.columns) given")
    for start in Swift.stride(from: 0, to: stale.rows, by: 256) {
      let block = start..<min(start + 256, stale.rows)
      let x = shifted(stale[rows: block], by: staleOrigin)
      let y = shifted(fresh[rows: block], by: freshOrigin)
      addColumnSums(x, to: &staleSum)
      addColumnSums(y, to: &freshSum)
      staleStale.addTransposedProduct(x, PackedRows(x, rows: block.count, columns: inputs))
      staleFresh.addTransposedProduct(x, PackedRows(y, rows: block.count, columns: outputs))
    }
    count += stale.rows
  }

  /// Adds the rows of other moments about the same points.
  mutating func add(_ other: CrossMoments) {
    precondition(
      staleOrigin == other.staleOrigin && freshOrigin == other.freshOrigin,
      "moments about other points")
    for i in staleSum.indices { staleSum[i] += other.staleSum[i] }
    for j in freshSum.indices { freshSum[j] += other.freshSum[j] }
    staleStale.add(other.staleStale)
    staleFresh.add(other.staleFresh)
    count += other.count
  }

  /// Means of the stale rows (d values) and of the fresh rows (d').
  var means: (stale: [Double], fresh: [Double]) {
    let n = Double(max(count, 1))
    return (
      zip(staleOrigin, staleSum).map { $0 + $1 / n }, zip(freshOrigin, freshSum).map { $0 + $1 / n }
    )
  }

  /// `Σ (x − x̄)(x − x̄)ᵀ` of the stale rows, `(d, d)`.
  func centredGram() -> [Double] { centred(staleStale, staleSum, staleSum) }

  /// `Σ (x − x̄)(y − ȳ)ᵀ`, `(d, d')`.
  func centredCrossProduct() -> [Double] { centred(staleFresh, staleSum, freshSum) }

  /// `Σ x · yᵀ` without centring, `(d, d')`.
  func rawCrossProduct() -> [Double] {
    let (x, y) = means
    var result = centredCrossProduct()
    for i in 0..<inputs {
      let scaled = x[i] * Double(count)
      for j in 0..<outputs { result[i * outputs + j] += scaled * y[j] }
    }
    return result
  }

  private func centred(_ sums: PackedRows, _ x: [Double], _ y: [Double]) -> [Double] {
    var result = sums.values
    for i in x.indices {
      let scaled = x[i] / Double(max(count, 1))
      for j in y.indices { result[i * y.count + j] -= scaled * y[j] }
    }
    return result
  }
}

private func columnMeans(_ rows: Matrix) -> [Double] {
  var sums = [Double](repeating: 0, count: rows.columns)
  for i in 0..<rows.rows { addColumnSums(rows.row(i).map { Double($0) }, to: &sums) }
  return sums.map { $0 / Double(max(rows.rows, 1)) }
}

private func shifted(_ rows: Matrix, by origin: [Double]) -> [Double] {
  var result = rows.elements.map { Double($0) }
  let width = origin.count
  for i in 0..<rows.rows {
    for j in 0..<width { result[i * width + j] -= origin[j] }
  }
  return result
}

private func addColumnSums(_ rows: [Double], to sums: inout [Double]) {
  let width = sums.count
  guard width > 0 else { return }
  for start in Swift.stride(from: 0, to: rows.count, by: width) {
    for j in 0..<width { sums[j] += rows[start + j] }
  }
}
