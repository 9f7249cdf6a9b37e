public import Tensors

extension FaissIndex {
  /// The share of some vectors that this index finds, under their row, among the ten nearest to
  /// themselves: near 1 when it is of these vectors by inner product, in this order.
  ///
  /// - Parameters:
  ///   - rows: of `vectors` that are asked for.
  ///   - vectors: `(n, dimension)`, what it should be of. Load it without them: vectors that are
  ///     attached would answer for it.
  /// - Throws: `IndexError.invalidArgument` for vectors of another dimension.
  public func shareFound(rows: [Int], of vectors: Matrix) throws(IndexError) -> Double {
    var parameters = SearchParameters()
    switch shape.access {
    case .graph: parameters.efSearch = 128
    case .lists: parameters.probes = 64
    default: break  // takes neither
    }
    let answers = try search(vectors.gathering(rows), k: 10, parameters: parameters)
    let found = zip(rows, answers).count { row, near in near.contains { $0.row == row } }
    return Double(found) / Double(max(rows.count, 1))
  }
}
