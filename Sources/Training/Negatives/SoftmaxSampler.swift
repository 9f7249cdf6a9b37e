import Tensors

/// Draws negatives without replacement from the softmax of scores, positives and their duplicates
/// left out.
struct SoftmaxSampler: Sendable {
  /// τ; logits are `score / τ`.
  let temperature: Double
  /// k.
  let count: Int
  /// How far above the positive a score may be; nil for any.
  let margin: Float?
  let seed: UInt64

  /// Queries of one task: the sizes of products depend on the arguments only, never on threads.
  private static let queriesPerTask = 16
  /// Passages whose scores a task holds at once.
  private static let rowsPerBlock = 4096

  /// For each query k rows, or as many as there are allowed; the first is an exact draw from the
  /// softmax, each further one from what is left.
  ///
  /// - Parameters:
  ///   - embeddings: (queries, d).
  ///   - passages: (N, d), whose rows are drawn.
  /// - Complexity: O(queries · N · d); memory for 16 × 4,096 scores per thread.
  func draw(
    for queries: [NegativeQuery], embeddings: Matrix, over passages: Matrix, step: Int
  ) -> [[Int]] {
    let tasks = stride(from: 0, to: queries.count, by: Self.queriesPerTask).map {
      $0..<min($0 + Self.queriesPerTask, queries.count)
    }
    return tasks.concurrentMap { range in
      scan(Array(queries[range]), embeddings[rows: range], passages, step)
    }.flatMap { $0 }
  }

  private func scan(
    _ queries: [NegativeQuery], _ embeddings: Matrix, _ passages: Matrix, _ step: Int
  ) -> [[Int]] {
    var tops = queries.indices.map { i in
      top(queries[i], embeddings[rows: i..<i + 1], passages, step)
    }
    for start in stride(from: 0, to: passages.rows, by: Self.rowsPerBlock) {
      let rows = start..<min(start + Self.rowsPerBlock, passages.rows)
      let scores = product(embeddings, passages[rows: rows], transposeB: true)
      scores.withSpan { scores in
        for i in tops.indices {
          for row in rows {
            let score = scores[i * rows.count + row - start]
            tops[i].offer(row, logit: Double(score) / temperature)
          }
        }
      }
    }
    return tops.map(\.rows)
  }

  /// Nothing drawn yet for a query.
  ///
  /// - Parameters:
  ///   - embedding: (1, d).
  ///   - passages: where the positive is found by its row.
  private func top(
    _ query: NegativeQuery, _ embedding: Matrix, _ passages: Matrix, _ step: Int
  ) -> PerturbedTop {
    var positive: Matrix?
    if margin != nil { positive = query.positive.map { passages[rows: $0..<$0 + 1] } }
    return top(query, embedding, positive: positive, step: step)
  }

  /// Nothing drawn yet for a query whose positive has this embedding, (1, d), if it is known.
  func top(
    _ query: NegativeQuery, _ embedding: Matrix, positive: Matrix?, step: Int
  ) -> PerturbedTop {
    var ceiling = Double.infinity
    if let margin, let positive {
      ceiling = Double(rowDots(embedding, positive)[0] + margin) / temperature
    }
    return PerturbedTop(
      count, masked: query.masked, ceiling: ceiling,
      noise: GumbelNoise(seed: seed, step: step, pair: query.pair))
  }
}
