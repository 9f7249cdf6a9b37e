/// Gradient caching (Gao et al. 2021): the gradient of the whole batch in the memory of one chunk.
///
/// The loss needs all representations but no activations; given the gradient of the loss by each
/// representation, the tower's gradient is a sum over rows. So rows are encoded twice, a chunk at a
/// time. Dropout keys belong to rows, so the second pass repeats the first bit by bit.
package struct GradCache: RowEncoding {
  /// Rows encoded at once, at most.
  let chunkRows: Int
  /// Tokens encoded at once, at most; a longer row is a chunk of its own.
  let chunkTokens: Int

  package init(chunkRows: Int, chunkTokens: Int? = nil) {
    self.chunkRows = chunkRows
    self.chunkTokens = chunkTokens ?? .max
  }

  package func accumulate<Rows: DifferentiableRows>(
    _ towers: [Rows], into gradients: inout [Rows.Gradients],
    loss: ([Rows.Representation]) -> [Rows.Representation]
  ) {
    let chunks = towers.map { self.chunks(of: $0.costs) }
    let cached = loss(
      zip(towers, chunks).map { rows, chunks in
        .concatenatingRows(chunks.map { rows.encode($0).0 })
      })
    for (tower, rows) in towers.enumerated() {
      for chunk in chunks[tower] {
        let (_, kept) = rows.encode(chunk)
        rows.backward(cached[tower][rows: chunk], kept, into: &gradients[tower])
      }
    }
  }

  /// Neighbouring rows, as many as both bounds allow.
  func chunks(of costs: [Int]) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var (start, tokens) = (0, 0)
    for (row, cost) in costs.enumerated() {
      if row > start, row - start == chunkRows || cost > chunkTokens - tokens {
        chunks.append(start..<row)
        (start, tokens) = (row, 0)
      }
      tokens += cost
    }
    if start < costs.count { chunks.append(start..<costs.count) }
    return chunks
  }
}
