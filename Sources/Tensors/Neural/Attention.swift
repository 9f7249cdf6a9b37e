internal import CKernels
internal import COpenBLAS

/// Multi-head self-attention over packed sequences (Vaswani et al. 2017, eq. 1).
///
/// `qkv` is `(tokens, 3 · hidden)`: queries, keys and values side by side, heads side by side in
/// each. Sequences attend to themselves only, so no padding and no mask exist.
public struct Attention: Sendable {
  let heads: Int
  let hidden: Int
  private var headSize: Int { hidden / heads }
  private var scale: Float { 1 / Float(headSize).squareRoot() }

  /// Traps when `hidden` is not a multiple of `heads`.
  public init(heads: Int, hidden: Int) {
    precondition(heads > 0 && hidden % heads == 0, "\(hidden) is not a multiple of \(heads) heads")
    self.heads = heads
    self.hidden = hidden
  }

  /// - Parameters:
  ///   - qkv: `(tokens, 3 · hidden)`.
  ///   - sequences: the rows of each sequence; together all rows.
  ///   - dropout: masks for the attention weights, element (head, query, key) of each sequence.
  /// - Returns: the context, `(tokens, hidden)`.
  public func forward(
    _ qkv: Matrix, sequences: [Range<Int>], dropout: Dropout? = nil
  ) -> Matrix {
    precondition(qkv.columns == 3 * hidden, "attention: \(qkv.columns) columns, not 3·\(hidden)")
    var context = Matrix(uninitializedRows: qkv.rows, columns: hidden)
    unsafe qkv.withUnsafeElements { qkv in
      unsafe context.withUnsafeMutableElements { context in
        let (qkv, context) = unsafe (Shared(orEmpty: qkv), SharedMutable(orEmpty: context))
        Threads.forEach(sequences.count) { s in
          let rows = sequences[s]
          let length = rows.count
          unsafe withScratch(length * length) { weights in
            for head in 0..<heads {
              let place = unsafe qkv.pointer + rows.lowerBound * 3 * hidden + head * headSize
              unsafe self.weights(place, length, into: weights)
              unsafe drop(weights, length, head, dropout, s)
              let out = unsafe context.pointer + rows.lowerBound * hidden + head * headSize
              unsafe gemm(
                length, headSize, length, 1, weights, length, place + 2 * hidden, 3 * hidden,
                0, out, hidden)
            }
          }
        }
      }
    }
    return context
  }

  /// The gradient with respect to `qkv`, given that of the context.
  ///
  /// Attention weights are computed again rather than kept: they are cheaper than their memory.
  ///
  /// - Parameters: as in ``forward(_:sequences:dropout:)``, and
  ///   - contextGradient: `(tokens, hidden)`.
  /// - Returns: `(tokens, 3 · hidden)`.
  public func backward(
    _ contextGradient: Matrix, qkv: Matrix, sequences: [Range<Int>], dropout: Dropout? = nil
  ) -> Matrix {
    precondition(contextGradient.rows == qkv.rows && contextGradient.columns == hidden, "shapes")
    var gradient = Matrix(uninitializedRows: qkv.rows, columns: 3 * hidden)
    unsafe qkv.withUnsafeElements { qkv in
      unsafe contextGradient.withUnsafeElements { incoming in
        unsafe gradient.withUnsafeMutableElements { gradient in
          let (qkv, incoming, gradient) = unsafe (
            Shared(orEmpty: qkv), Shared(orEmpty: incoming), SharedMutable(orEmpty: gradient)
          )
          Threads.forEach(sequences.count) { s in
            let rows = sequences[s]
            for head in 0..<heads {
              let column = head * headSize
              let wide = rows.lowerBound * 3 * hidden + column
              unsafe backwardHead(
                qkv.pointer + wide, incoming.pointer + rows.lowerBound * hidden + column,
                gradient.pointer + wide, rows.count
              ) { unsafe drop($0, rows.count, head, dropout, s) }
            }
          }
        }
      }
    }
    return gradient
  }

  /// One head of one sequence. With P = softmax(scale · Q·Kᵀ), D the dropout, O = D(P)·V:
  /// dV = D(P)ᵀ·dO, dP = D(dO·Vᵀ), dS = softmax backward, dQ = dS·K, dK = dSᵀ·Q.
  private func backwardHead(
    _ q: UnsafePointer<Float>, _ incoming: UnsafePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>, _ length: Int,
    drop: (UnsafeMutablePointer<Float>) -> Void
  ) {
    let wide = 3 * hidden
    let (k, v) = unsafe (q + hidden, q + 2 * hidden)
    unsafe withScratch(3 * length * length) { scratch in
      let (p, dropped, dp) = unsafe (
        scratch, scratch + length * length, scratch + 2 * length * length
      )
      unsafe weights(q, length, into: p)
      unsafe dropped.update(from: p, count: length * length)
      unsafe drop(dropped)
      unsafe gemm(
        length, headSize, length, 1, dropped, length, incoming, hidden, 0,
        gradient + 2 * hidden, wide, transposeA: true)
      unsafe gemm(
        length, length, headSize, 1, incoming, hidden, v, wide, 0, dp, length, transposeB: true)
      unsafe drop(dp)
      unsafe ck_softmax_backward(p, dp, length, length, length, scale)
      unsafe gemm(length, headSize, length, 1, dp, length, k, wide, 0, gradient, wide)
      unsafe gemm(
        length, headSize, length, 1, dp, length, q, wide, 0, gradient + hidden, wide,
        transposeA: true)
    }
  }

  /// softmax(scale · Q·Kᵀ) of one head, `(length, length)`.
  private func weights(
    _ q: UnsafePointer<Float>, _ length: Int, into weights: UnsafeMutablePointer<Float>
  ) {
    unsafe gemm(
      length, length, headSize, 1, q, 3 * hidden, q + hidden, 3 * hidden, 0, weights, length,
      transposeB: true)
    unsafe ck_softmax(weights, length, length, length, scale)
  }

  private func drop(
    _ weights: UnsafeMutablePointer<Float>, _ length: Int, _ head: Int, _ dropout: Dropout?,
    _ sequence: Int
  ) {
    guard let dropout, dropout.rate > 0 else { return }
    let count = length * length
    unsafe ck_dropout(
      weights, count, dropout.rate, dropout.keys[sequence], UInt64(head * count))
  }

  /// c (m, n) = alpha · a · b + beta · c, with leading dimensions, on this thread.
  private func gemm(
    _ m: Int, _ n: Int, _ k: Int, _ alpha: Float, _ a: UnsafePointer<Float>, _ lda: Int,
    _ b: UnsafePointer<Float>, _ ldb: Int, _ beta: Float, _ c: UnsafeMutablePointer<Float>,
    _ ldc: Int, transposeA: Bool = false, transposeB: Bool = false
  ) {
    unsafe cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      blasInt(m), blasInt(n), blasInt(k), alpha, a, blasInt(lda), b, blasInt(ldb), beta, c,
      blasInt(ldc))
  }

  private func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: max(count, 1)) { scratch in
      guard let start = scratch.baseAddress else { return }
      unsafe body(start)
    }
  }
}
