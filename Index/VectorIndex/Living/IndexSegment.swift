internal import Tensors

/// A part of an index over several: an index of some rows, and what these are called outside.
struct IndexSegment: Sendable {
  /// What the rows of a segment are called outside.
  enum Names: Sendable {
    /// The same: row 0, 1, … of the whole.
    case identity
    /// Row i is `names[i]` of the whole.
    case listed([Int])
  }

  let index: any VectorIndex
  let names: Names
  /// Rows of this segment that were deleted, or stand in a later segment by now.
  var dead: RowSet

  /// Rows that are not dead.
  var live: Int { index.count - dead.count(below: index.count) }

  func name(_ row: Int) -> Int {
    switch names {
    case .identity: row
    case .listed(let names): names[row]
    }
  }

  func search(
    _ queries: Matrix, k: Int, _ parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    var own = parameters
    own.excludedRows = hidden(parameters.excludedRows)
    let found = try index.search(queries, k: k, parameters: own)
    guard case .listed(let names) = names else { return found }
    return found.map { $0.map { Neighbor(row: names[$0.row], score: $0.score) } }
  }

  /// The rows that must not be found, by their numbers here.
  private func hidden(_ excluded: RowSet) -> RowSet {
    guard !excluded.isEmpty else { return dead }
    var hidden = dead
    switch names {
    case .identity: hidden.formUnion(excluded)
    case .listed(let names):
      for (row, name) in names.enumerated() where excluded.contains(name) { hidden.insert(row) }
    }
    return hidden
  }
}

/// The best `k` over several parts of the rows, from the best `k` of each.
func merged(_ parts: [[[Neighbor]]], queries: Int, k: Int) -> [[Neighbor]] {
  if parts.count == 1 { return parts[0] }
  return (0..<queries).map { query in
    Array(parts.flatMap { $0[query] }.sorted(by: Neighbor.precedes).prefix(k))
  }
}
