internal import CKernels

/// Multi-head self-attention over packed sequences (Vaswani et al. 2017, eq. 1).
///
/// `qkv` is `(tokens, 3 · hidden)`: queries, keys and values side by side, heads side by side in
/// each. Sequences attend to themselves only, so no padding and no mask exist. A result depends on
/// its own sequence alone, bit by bit: not on the company, nor on the number of threads.
public struct Attention: Sendable {
  let heads: Int
  let hidden: Int
  var headSize: Int { hidden / heads }

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
  /// - Complexity: O(length² · hidden) for each sequence; no memory of length² is used.
  public func forward(
    _ qkv: Matrix, sequences: [Range<Int>], bias: RelativeBias? = nil, dropout: Dropout? = nil
  ) -> Matrix {
    check(qkv, sequences, bias, dropout)
    var context = Matrix(uninitializedRows: qkv.rows, columns: hidden)
    withHeads(qkv, sequences, bias, dropout) { batch in
      unsafe context.withUnsafeMutableElements { context in
        let context = unsafe SharedMutable(orEmpty: context)
        unsafe batch.forEachHead(scratch: ck_attention_scratch) { s, h, scratch in
          var head = unsafe batch.head(h, of: s)
          unsafe ck_attention(
            &head, context.pointer + batch.place(h, of: s, columns: hidden), hidden, scratch)
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
    unsafe backward(contextGradient, qkv, sequences, nil, dropout) { batch, run in
      unsafe batch.forEachHead(scratch: ck_attention_backward_scratch) { s, h, scratch in
        unsafe run(s, h, nil, scratch)
      }
    }
  }

  /// The same under a bias.
  ///
  /// - Parameters: as above, and
  ///   - biasGradient: shaped like the table of `bias`; the gradient is added to it.
  public func backward(
    _ contextGradient: Matrix, qkv: Matrix, sequences: [Range<Int>], bias: RelativeBias,
    addingBiasGradientTo biasGradient: inout Matrix, dropout: Dropout? = nil
  ) -> Matrix {
    let columns = bias.table.columns
    precondition(
      biasGradient.rows == heads && biasGradient.columns == columns,
      "a gradient of \(biasGradient.rows)×\(biasGradient.columns) for a bias of "
        + "\(heads)×\(columns)")
    return unsafe biasGradient.withUnsafeMutableElements { table in
      let table = unsafe SharedMutable(orEmpty: table)
      return unsafe backward(contextGradient, qkv, sequences, bias, dropout) { batch, run in
        // Sequence after sequence in each head: its row of the table is summed in one order.
        unsafe batch.forEachHeadInOrder(scratch: ck_attention_backward_scratch) { s, h, scratch in
          unsafe run(s, h, table.pointer + h * columns + bias.reach, scratch)
        }
      }
    }
  }

  /// Runs the kernel on one head of one sequence: (sequence, head, bias gradient, scratch).
  private typealias BackwardRun =
    @Sendable (Int, Int, UnsafeMutablePointer<Float>?, UnsafeMutablePointer<Float>) -> Void

  private func backward(
    _ contextGradient: Matrix, _ qkv: Matrix, _ sequences: [Range<Int>], _ bias: RelativeBias?,
    _ dropout: Dropout?, _ loop: (AttentionBatch, BackwardRun) -> Void
  ) -> Matrix {
    check(qkv, sequences, bias, dropout)
    precondition(
      contextGradient.rows == qkv.rows && contextGradient.columns == hidden,
      "a gradient of \(contextGradient.rows)×\(contextGradient.columns) for a context of "
        + "\(qkv.rows)×\(hidden)")
    var gradient = Matrix(uninitializedRows: qkv.rows, columns: 3 * hidden)
    withHeads(qkv, sequences, bias, dropout) { batch in
      unsafe contextGradient.withUnsafeElements { upstream in
        unsafe gradient.withUnsafeMutableElements { gradient in
          let (upstream, gradient) = unsafe (
            Shared(orEmpty: upstream), SharedMutable(orEmpty: gradient)
          )
          unsafe loop(batch) { s, h, biasGradient, scratch in
            var head = unsafe batch.head(h, of: s)
            let q = unsafe gradient.pointer + batch.place(h, of: s, columns: 3 * hidden)
            var to = unsafe ck_head_gradient(
              q: q, k: q + hidden, v: q + 2 * hidden, bias: biasGradient)
            unsafe ck_attention_backward(
              &head, upstream.pointer + batch.place(h, of: s, columns: hidden), hidden, &to,
              scratch)
          }
        }
      }
    }
    return gradient
  }

  private func withHeads(
    _ qkv: Matrix, _ sequences: [Range<Int>], _ bias: RelativeBias?, _ dropout: Dropout?,
    _ body: (AttentionBatch) -> Void
  ) {
    unsafe qkv.withUnsafeElements { qkv in
      let qkv = unsafe Shared(orEmpty: qkv)
      let batch = AttentionBatch(
        layer: self, sequences: sequences, qkv: qkv, bias: nil, biasColumns: 0, dropout: dropout)
      guard let bias else { return body(batch) }
      unsafe bias.table.withUnsafeElements { table in
        body(batch.with(bias: unsafe Shared(orEmpty: table), columns: bias.table.columns))
      }
    }
  }

  private func check(
    _ qkv: Matrix, _ sequences: [Range<Int>], _ bias: RelativeBias?, _ dropout: Dropout?
  ) {
    precondition(qkv.columns == 3 * hidden, "attention: \(qkv.columns) columns, not 3·\(hidden)")
    precondition(
      sequences.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= qkv.rows },
      "attention: a sequence outside the \(qkv.rows) rows")
    precondition(
      dropout.map { $0.keys.count == sequences.count } ?? true,
      "attention: \(dropout?.keys.count ?? 0) dropout keys, \(sequences.count) sequences")
    bias?.check(heads: heads, sequences: sequences)
  }
}
