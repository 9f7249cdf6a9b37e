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
  ///   - bias: added to the scaled scores by distance; nil for none.
  ///   - dropout: masks for the attention weights, element (head, query, key) of each sequence.
  /// - Returns: the context, `(tokens, hidden)`.
  public func forward(
    _ qkv: Matrix, sequences: [Range<Int>], bias: RelativeBias? = nil, dropout: Dropout? = nil
  ) -> Matrix {
    bias?.check(heads: heads, sequences: sequences)
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
              unsafe self.weights(place, length, head, bias, into: weights)
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
  /// - Parameters: as in ``forward(_:sequences:bias:dropout:)``, and
  ///   - contextGradient: `(tokens, hidden)`.
  /// - Returns: `(tokens, 3 · hidden)`.
  public func backward(
    _ contextGradient: Matrix, qkv: Matrix, sequences: [Range<Int>], dropout: Dropout? = nil
  ) -> Matrix {
    var none = Matrix(rows: 0, columns: 0)
    return backward(
      contextGradient, qkv: qkv, sequences: sequences, bias: nil, dropout: dropout, adding: &none)
  }

  /// The same under a bias, whose gradient is added to `biasGradient`, of the shape of its table.
  public func backward(
    _ contextGradient: Matrix, qkv: Matrix, sequences: [Range<Int>], bias: RelativeBias,
    addingBiasGradientTo biasGradient: inout Matrix, dropout: Dropout? = nil
  ) -> Matrix {
    precondition(
      biasGradient.rows == bias.table.rows && biasGradient.columns == bias.table.columns,
      "a gradient of \(biasGradient.rows)×\(biasGradient.columns) for a bias of "
        + "\(bias.table.rows)×\(bias.table.columns)")
    return backward(
      contextGradient, qkv: qkv, sequences: sequences, bias: bias, dropout: dropout,
      adding: &biasGradient)
  }

  private func backward(
    _ contextGradient: Matrix, qkv: Matrix, sequences: [Range<Int>], bias: RelativeBias?,
    dropout: Dropout?, adding biasGradient: inout Matrix
  ) -> Matrix {
    bias?.check(heads: heads, sequences: sequences)
    let biasColumns = biasGradient.columns
    precondition(contextGradient.rows == qkv.rows && contextGradient.columns == hidden, "shapes")
    var gradient = Matrix(uninitializedRows: qkv.rows, columns: 3 * hidden)
    unsafe qkv.withUnsafeElements { qkv in
      unsafe contextGradient.withUnsafeElements { incoming in
        unsafe gradient.withUnsafeMutableElements { gradient in
          unsafe biasGradient.withUnsafeMutableElements { biasGradient in
            let (qkv, incoming, gradient) = unsafe (
              Shared(orEmpty: qkv), Shared(orEmpty: incoming), SharedMutable(orEmpty: gradient)
            )
            let biasGradient = unsafe SharedMutable(orEmpty: biasGradient)
            // By heads, so that each row of the bias gradient is summed in one order.
            Threads.forEach(heads) { head in
              for (s, rows) in sequences.enumerated() {
                let column = head * headSize
                let wide = rows.lowerBound * 3 * hidden + column
                unsafe backwardHead(
                  qkv.pointer + wide, incoming.pointer + rows.lowerBound * hidden + column,
                  gradient.pointer + wide, rows.count, head, bias,
                  biasGradient.pointer + head * biasColumns
                ) { unsafe drop($0, rows.count, head, dropout, s) }
              }
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
    _ gradient: UnsafeMutablePointer<Float>, _ length: Int, _ head: Int, _ bias: RelativeBias?,
    _ biasGradient: UnsafeMutablePointer<Float>,
    drop: (UnsafeMutablePointer<Float>) -> Void
  ) {
    let wide = 3 * hidden
    let (k, v) = unsafe (q + hidden, q + 2 * hidden)
    unsafe withScratch(3 * length * length) { scratch in
      let (p, dropped, dp) = unsafe (
        scratch, scratch + length * length, scratch + 2 * length * length
      )
      unsafe weights(q, length, head, bias, into: p)
      unsafe dropped.update(from: p, count: length * length)
      unsafe drop(dropped)
      unsafe gemm(
        length, headSize, length, 1, dropped, length, incoming, hidden, 0,
        gradient + 2 * hidden, wide, transposeA: true)
      unsafe gemm(
        length, length, headSize, 1, incoming, hidden, v, wide, 0, dp, length, transposeB: true)
      unsafe drop(dp)
      unsafe ck_softmax_backward(p, dp, length, length, length, 1)
      if let bias {
        for i in 0..<length {
          unsafe ck_axpy(1, dp + i * length, biasGradient + bias.reach - i, length)
        }
      }
      unsafe gemm(length, headSize, length, scale, dp, length, k, wide, 0, gradient, wide)
      unsafe gemm(
        length, headSize, length, scale, dp, length, q, wide, 0, gradient + hidden, wide,
        transposeA: true)
    }
  }

  /// softmax(scale · Q·Kᵀ + bias) of one head, `(length, length)`.
  private func weights(
    _ q: UnsafePointer<Float>, _ length: Int, _ head: Int, _ bias: RelativeBias?,
    into weights: UnsafeMutablePointer<Float>
  ) {
    unsafe gemm(
      length, length, headSize, bias == nil ? 1 : scale, q, 3 * hidden, q + hidden, 3 * hidden, 0,
      weights, length, transposeB: true)
    guard let bias else {
      unsafe ck_softmax(weights, length, length, length, scale)
      return
    }
    unsafe bias.table.withUnsafeElements { table in
      guard let row = table.baseAddress else { return }
      for i in 0..<length {
        unsafe ck_axpy(
          1, row + head * table.count / heads + bias.reach - i, weights + i * length, length)
      }
    }
    unsafe ck_softmax(weights, length, length, length, 1)
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
