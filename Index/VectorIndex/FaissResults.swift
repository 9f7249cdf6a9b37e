internal import Tensors

/// The raw answer to `n` queries: `depth` places each, padded with row -1.
struct FaissResults {
  let queries: Int
  let depth: Int
  var scores: [Float]
  var rows: [Int64]

  init(queries: Int, depth: Int) {
    self.queries = queries
    self.depth = depth
    scores = [Float](repeating: 0, count: queries * depth)
    rows = [Int64](repeating: -1, count: queries * depth)
  }

  /// The rows found for one query, best first, ties by row. FAISS's padding (-1) is no row.
  func neighbors(of query: Int, count: Int) -> [Neighbor] {
    var found: [Neighbor] = []
    found.reserveCapacity(depth)
    for place in query * depth..<(query + 1) * depth {
      let row = Int(rows[place])
      if (0..<count).contains(row) { found.append(Neighbor(row: row, score: scores[place])) }
    }
    return found.sorted(by: Neighbor.precedes)
  }

  /// The best score that a row FAISS saw but did not return may have for a query: that of its last
  /// result. `nil` when places were left over, so that everything seen was returned.
  func unseenScore(of query: Int) -> Float? {
    let last = (query + 1) * depth - 1
    return rows[last] < 0 ? nil : scores[last]
  }
}
