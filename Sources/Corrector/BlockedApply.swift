internal import Tensors

/// Rows corrected at once: bounds the memory of hidden activations, and keeps a block in cache.
let applyBlockRows = 1024

/// Applies `map` to blocks of rows, one after the other, each product inside being threaded.
///
/// - Parameter stale: `(n, d)`.
/// - Returns: `(n, columns)`, the results of `map` for each block.
func applyInBlocks(_ stale: Matrix, columns: Int, map: (Matrix) -> Matrix) -> Matrix {
  applyInBlocks(stale, features: [], columns: columns) { block, _ in map(block) }
}

/// The same for vectors and the features of the same passages, `(n, any)` each.
func applyInBlocks(
  _ stale: Matrix, features: [Matrix], columns: Int, map: (Matrix, [Matrix]) -> Matrix
) -> Matrix {
  var result = Matrix(rows: stale.rows, columns: columns)
  for start in stride(from: 0, to: stale.rows, by: applyBlockRows) {
    let rows = start..<min(start + applyBlockRows, stale.rows)
    result.setRows(
      startingAt: start, to: map(stale[rows: rows], features.map { $0[rows: rows] }))
  }
  return result
}

/// Traps when vectors of another dimension are given to a corrector.
func requireDimension(_ stale: Matrix, _ expected: Int, _ kind: CorrectorKind) {
  precondition(
    stale.columns == expected,
    "the \(kind.rawValue) corrector takes vectors of \(expected) dimensions, not \(stale.columns)")
}

/// Traps when other features are given than a corrector was fitted to.
func requireFeatures(_ features: [Matrix], widths: [Int], rows: Int, _ kind: CorrectorKind) {
  precondition(
    features.map(\.columns) == widths && features.allSatisfy { $0.rows == rows },
    "the \(kind.rawValue) corrector takes \(rows) rows of features of \(widths) columns, not "
      + "\(features.map { "\($0.rows)×\($0.columns)" })")
}
