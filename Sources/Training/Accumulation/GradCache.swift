/// Gradient caching (Gao et al. 2021): the gradient of the whole batch in the memory of one chunk.
///
/// The loss needs all representations but no activations; given the gradient of the loss by each
/// representation, the tower's gradient is a sum over rows. So rows are encoded twice, a chunk at a
/// time. Dropout keys belong to rows, so the second pass repeats the first bit by bit.
///
/// Where there is memory for more than one chunk, the first chunks keep their activations and are
/// encoded once: the same sums in the same order, in less time.
package struct GradCache: RowEncoding {
  /// Rows encoded at once, at most.
  let chunkRows: Int
  /// Tokens encoded at once, at most; a longer row is a chunk of its own.
  let chunkTokens: Int
  /// Tokens of the chunks whose activations are kept from the first pass, at most.
  let keptTokens: Int

  package init(chunkRows: Int, chunkTokens: Int? = nil, keptTokens: Int = 0) {
    self.chunkRows = chunkRows
    self.chunkTokens = chunkTokens ?? .max
    self.keptTokens = keptTokens
  }

  package func accumulate<Rows: DifferentiableRows>(
    _ towers: [Rows], into gradients: inout [Rows.Gradients],
    loss: ([Rows.Representation]) -> [Rows.Representation]
  ) {
    let costs = towers.map(\.costs)
    let chunks = costs.map { self.chunks(of: $0) }
    var room = keptTokens
    var kept: [[Rows.Kept?]] = []
    let cached = loss(
      towers.indices.map { tower in
        let encoded = chunks[tower].map { chunk in
          encode(towers[tower], chunk, costs[tower][chunk].reduce(0, +), keepingWithin: &room)
        }
        kept.append(encoded.map(\.1))
        return .concatenatingRows(encoded.map(\.0))
      })
    for (tower, rows) in towers.enumerated() {
      for (place, chunk) in chunks[tower].enumerated() {
        let state = kept[tower][place].take() ?? rows.encode(chunk).1
        rows.backward(cached[tower][rows: chunk], state, into: &gradients[tower])
      }
    }
  }

  /// The first pass over a chunk, which keeps its activations while there is room.
  private func encode<Rows: DifferentiableRows>(
    _ rows: Rows, _ chunk: Range<Int>, _ tokens: Int, keepingWithin room: inout Int
  ) -> (Rows.Representation, Rows.Kept?) {
    guard tokens <= room else {
      room = 0  // those that are kept come first in the second pass, and are gone before the others
      return (rows.represent(chunk), nil)
    }
    room -= tokens
    return rows.encode(chunk)
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
