public import Tensors

extension PackedModel {
  /// The embeddings of token sequences, `(sequences, dimension)`, in their order.
  ///
  /// - Parameters:
  ///   - promptLength: ids at the front of each that the pooling leaves out.
  ///   - progress: told after each batch, from any thread: texts and tokens of the batch.
  public func encode(
    _ sequences: [[Int32]], promptLength: Int = 0,
    progress: @Sendable (_ texts: Int, _ tokens: Int) -> Void = { _, _ in }
  ) -> Matrix {
    let batches = TextEncoder.batches(
      of: sequences.map(\.count), budget: TextEncoder.tokensPerBatch)
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
}
