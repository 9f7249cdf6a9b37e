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
    named(try index.search(queries, k: k, parameters: own(parameters)))
  }

  func search(
    _ queries: Matrix, scoring least: Float, _ parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    named(try index.search(queries, scoring: least, parameters: own(parameters)))
  }

  private func own(_ parameters: SearchParameters) -> SearchParameters {
    var own = parameters
    own.excludedRows = hidden(parameters.excludedRows)
    return own
  }

  private func named(_ found: [[Neighbor]]) -> [[Neighbor]] {
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

/// The answers over several parts of the rows.
struct IndexSegments: Sendable {
  let parts: [IndexSegment]

  /// The best `k`, from the best `k` of each part.
  func search(
    _ queries: Matrix, k: Int, _ parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try merged(queries.rows, k: k) { (part) throws(IndexError) in
      try part.search(queries, k: k, parameters)
    }
  }

  func search(
    _ queries: Matrix, scoring least: Float, _ parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try merged(queries.rows, k: .max) { (part) throws(IndexError) in
      try part.search(queries, scoring: least, parameters)
    }
  }

  private func merged(
    _ queries: Int, k: Int, _ search: (IndexSegment) throws(IndexError) -> [[Neighbor]]
  ) throws(IndexError) -> [[Neighbor]] {
    if parts.count == 1 { return try search(parts[0]) }
    var found: [[[Neighbor]]] = []
    for part in parts { found.append(try search(part)) }
    return (0..<queries).map { query in
      Array(found.flatMap { $0[query] }.sorted(by: Neighbor.precedes).prefix(k))
    }
  }
}
