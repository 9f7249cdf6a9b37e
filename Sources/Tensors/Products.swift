internal import COpenBLAS

/// `op(a) · op(b)`, where `op` transposes when asked.
///
/// - Parameters:
///   - a: `(m, k)`, or `(k, m)` when `transposeA`.
///   - b: `(k, n)`, or `(n, k)` when `transposeB`.
/// - Returns: `(m, n)`. Traps when the inner extents differ.
/// - Complexity: O(m · k · n) on our threads; one allocation.
public func product(
  _ a: Matrix, _ b: Matrix, transposeA: Bool = false, transposeB: Bool = false
) -> Matrix {
  var c = Matrix(
    uninitializedRows: transposeA ? a.columns : a.rows, columns: transposeB ? b.rows : b.columns)
  addProduct(a, b, transposeA: transposeA, transposeB: transposeB, beta: 0, to: &c)
  return c
}

/// `c = alpha · op(a) · op(b) + beta · c`; shapes as in ``product(_:_:transposeA:transposeB:)``.
///
/// The work is split over rows of `c` (columns when it has few rows), so every element is summed
/// by one thread in one order.
public func addProduct(
  _ a: Matrix, _ b: Matrix, transposeA: Bool = false, transposeB: Bool = false,
  alpha: Float = 1, beta: Float = 1, to c: inout Matrix
) {
  let (m, n) = (c.rows, c.columns)
  let k = transposeA ? a.rows : a.columns
  precondition(
    (transposeA ? a.columns : a.rows) == m && (transposeB ? b.columns : b.rows) == k
      && (transposeB ? b.rows : b.columns) == n,
    "product: \(a.rows)×\(a.columns)\(transposeA ? "ᵀ" : "") · \(b.rows)×\(b.columns)"
      + "\(transposeB ? "ᵀ" : "") into \(m)×\(n)")
  guard m > 0, n > 0 else { return }
  guard k > 0 else {
    c.scale(by: beta)
    return
  }
  let shape = GEMM(
    transposeA: transposeA, transposeB: transposeB, k: k, alpha: alpha, beta: beta,
    lda: a.columns, ldb: b.columns, ldc: n)
  unsafe a.withUnsafeElements { a in
    unsafe b.withUnsafeElements { b in
      unsafe c.withUnsafeMutableElements { c in
        unsafe shape.run(a.baseAddress!, b.baseAddress!, c.baseAddress!, m, n)  // not empty: m, n, k > 0
      }
    }
  }
}

/// One `sgemm`, split over threads by blocks of the result.
struct GEMM {
  let transposeA: Bool, transposeB: Bool
  let k: Int
  let alpha: Float, beta: Float
  let lda: Int, ldb: Int, ldc: Int

  /// Below this many multiply-adds a second thread costs more than it brings.
  private static let worthSplitting = 1 << 18

  func run(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
    _ m: Int, _ n: Int
  ) {
    guard m * n * k >= GEMM.worthSplitting else { return unsafe block(a, b, c, m, n) }
    // Pointers are shared between threads: each writes its own block of `c` only.
    let (a, b, c) = unsafe (Shared(a), Shared(b), SharedMutable(c))
    if m >= n {
      Threads.forEachRange(of: m, minimum: 16) { rows in
        let first = rows.lowerBound
        unsafe block(
          a.pointer + (transposeA ? first : first * lda), b.pointer, c.pointer + first * ldc,
          rows.count, n)
      }
    } else {
      Threads.forEachRange(of: n, minimum: 16) { columns in
        let first = columns.lowerBound
        unsafe block(
          a.pointer, b.pointer + (transposeB ? first * ldb : first), c.pointer + first,
          m, columns.count)
      }
    }
  }

  private func block(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ c: UnsafeMutablePointer<Float>,
    _ m: Int, _ n: Int
  ) {
    unsafe cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasInt(m), blasInt(n), blasInt(k), alpha, a, blasInt(lda), b, blasInt(ldb), beta, c,
      blasInt(ldc))
  }
}

/// OpenBLAS counts in 32 bits here: larger extents are a programming mistake, said in words.
func blasInt(_ extent: Int) -> Int32 {
  precondition(extent <= Int(Int32.max), "extent \(extent) is past OpenBLAS's 32-bit limit")
  return Int32(extent)
}

/// A pointer lent to the bodies of one parallel loop.
///
/// @unchecked Sendable: the loop ends before the loan does, and nothing is written through it.
@safe struct Shared: @unchecked Sendable {
  let pointer: UnsafePointer<Float>
  init(_ pointer: UnsafePointer<Float>) { unsafe self.pointer = pointer }
}

/// The same for writing.
///
/// @unchecked Sendable: the loop ends before the loan does, and its bodies write disjoint ranges.
@safe struct SharedMutable: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Float>
  init(_ pointer: UnsafeMutablePointer<Float>) { unsafe self.pointer = pointer }
}
