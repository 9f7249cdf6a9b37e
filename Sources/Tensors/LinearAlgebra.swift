internal import COpenBLAS

/// A linear system or decomposition that has no answer in floating point.
public struct LinearAlgebraError: Error, Sendable, CustomStringConvertible {
  public let description: String
}

/// Solves `A · X = B` for a symmetric positive definite A (LAPACK `dposv`, float64).
///
/// - Parameters:
///   - matrix: A, `(n, n)`, either triangle counts.
///   - rightSides: B, `(n, m)`, row-major.
/// - Returns: X, `(n, m)`, row-major.
/// - Throws: `LinearAlgebraError` when A is not positive definite.
public func solvePositiveDefinite(
  _ matrix: [Double], n: Int, rightSides: [Double], m: Int
) throws(LinearAlgebraError) -> [Double] {
  precondition(matrix.count == n * n && rightSides.count == n * m, "solve: shapes do not fit")
  guard n > 0, m > 0 else { return [] }
  var a = matrix
  var b = transpose(rightSides, rows: n, columns: m)  // LAPACK reads columns
  var (order, sides, info) = (blasInt(n), blasInt(m), Int32(0))
  var (lda, ldb) = (order, order)
  unsafe dposv_("U", &order, &sides, &a, &lda, &b, &ldb, &info)
  guard info == 0 else {
    throw LinearAlgebraError(
      description: "the matrix is not positive definite (leading minor \(info) of \(n))")
  }
  return transpose(b, rows: m, columns: n)
}

/// The thin singular value decomposition `A = U · diag(s) · Vᵀ` (LAPACK `dgesdd`, float64).
///
/// - Parameter matrix: A, `(rows, columns)`, row-major.
/// - Returns: with r = min(rows, columns): U `(rows, r)`, s descending, Vᵀ `(r, columns)`.
/// - Throws: `LinearAlgebraError` when the iteration does not converge (NaN in A does that).
public func singularValueDecomposition(
  _ matrix: [Double], rows: Int, columns: Int
) throws(LinearAlgebraError) -> (u: [Double], s: [Double], vt: [Double]) {
  precondition(matrix.count == rows * columns, "svd: shapes do not fit")
  let rank = min(rows, columns)
  guard rank > 0 else { return ([], [], []) }
  // Row-major A is column-major Aᵀ = V · diag(s) · Uᵀ: LAPACK's U is our V, and both come out
  // in the layout we want.
  var a = matrix
  var s = [Double](repeating: 0, count: rank)
  var v = [Double](repeating: 0, count: columns * rank)
  var u = [Double](repeating: 0, count: rows * rank)
  var (m, n, r, info) = (blasInt(columns), blasInt(rows), blasInt(rank), Int32(0))
  var integers = [Int32](repeating: 0, count: 8 * rank)
  var lda = m, ldv = m, ldu = r
  var size = Int32(-1)
  var work = [0.0]
  unsafe dgesdd_("S", &m, &n, &a, &lda, &s, &v, &ldv, &u, &ldu, &work, &size, &integers, &info)
  size = Int32(work[0])
  work = [Double](repeating: 0, count: Int(size))
  unsafe dgesdd_("S", &m, &n, &a, &lda, &s, &v, &ldv, &u, &ldu, &work, &size, &integers, &info)
  r = info
  guard r == 0 else {
    throw LinearAlgebraError(description: "the singular value decomposition did not converge")
  }
  return (u, s, v)
}

private func transpose(_ a: [Double], rows: Int, columns: Int) -> [Double] {
  var result = [Double](repeating: 0, count: a.count)
  for i in 0..<rows {
    for j in 0..<columns { result[j * rows + i] = a[i * columns + j] }
  }
  return result
}
