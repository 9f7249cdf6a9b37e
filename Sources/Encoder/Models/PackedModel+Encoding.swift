public import Tensors

extension PackedModel {
  /// Tokens one thread takes at a time: enough to fill the matrix kernels, small enough for cache.
  static let tokensPerBatch = 512

  /// The embeddings of token sequences, `(sequences, dimension)`, in their order.
  ///
  /// - Parameters:
  ///   - promptLength: ids at the front of each that the pooling leaves out.
  ///   - progress: told after each batch, from any thread: texts and tokens of the batch.
  public func encode(
    _ sequences: [[Int32]], promptLength: Int = 0,
    progress: @Sendable (_ texts: Int, _ tokens: Int) -> Void = { _, _ in }
  ) -> Matrix {
    let batches = PackedModel.batches(
      of: sequences.map(\.count), budget: PackedModel.tokensPerBatch)
    let parts = batches.concurrentMap { batch in
      let tokens = PackedTokens(
        batch.map { sequences[$0] },
        promptLengths: [Int](repeating: promptLength, count: batch.count))
      let embeddings = self.forward(tokens)
      progress(batch.count, tokens.count)
      return embeddings
    }
    var result = Matrix(rows: sequences.count, columns: model.dimension)
    for (batch, part) in zip(batches, parts) {
      for (i, text) in batch.enumerated() {
        result.setRows(startingAt: text, to: part[rows: i..<i + 1])
      }
    }
    return result
  }

  /// Groups texts of similar length, longest first, up to `budget` tokens in each group.
  static func batches(of lengths: [Int], budget: Int) -> [[Int]] {
    let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var batches: [[Int]] = []
    var room = 0
    for text in order {
      if batches.isEmpty || lengths[text] > room {
        batches.append([])
        room = budget
      }
      batches[batches.count - 1].append(text)
      room -= lengths[text]
    }
    return batches
  }
}
