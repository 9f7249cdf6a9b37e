public import Tensors

/// Finds the passages nearest to a query by inner product (the cosine, for unit vectors).
///
/// Ids are passage rows: the vector in row `i` of the matrix the index was built from has id `i`.
public protocol VectorIndex: Sendable {
  /// Number of elements of each vector.
  var dimension: Int { get }
  /// Number of vectors.
  var count: Int { get }
  /// How the index is built, as a FAISS factory string.
  var recipe: String { get }

  /// The best `k` rows for each query.
  ///
  /// - Parameters:
  ///   - queries: `(q, dimension)`, finite.
  ///   - k: how many; 1 or more, and may exceed `count`.
  /// - Returns: per query at most `k` neighbours, best first, equal scores by ascending row.
  ///   Fewer only when fewer rows exist that are not excluded. Never a row that does not exist.
  /// - Throws: `IndexError.invalidArgument` for queries of another dimension or with NaN or
  ///   infinity, and for `k` or a parameter below 1.
  func search(_ queries: Matrix, k: Int, parameters: SearchParameters) throws(IndexError)
    -> [[Neighbor]]
}

extension VectorIndex {
  /// The best `k` rows for each query, with default parameters.
  public func search(_ queries: Matrix, k: Int) throws(IndexError) -> [[Neighbor]] {
    try search(queries, k: k, parameters: SearchParameters())
  }

  func validate(_ queries: Matrix, k: Int, _ parameters: SearchParameters) throws(IndexError) {
    guard k >= 1 else { throw IndexError(.invalidArgument, "k must be at least 1, was \(k)") }
    guard queries.columns == dimension else {
      throw IndexError(
        .invalidArgument,
        "queries have \(queries.columns) dimensions, the index has \(dimension): "
          + "encode them with the index's own encoder")
    }
    try parameters.validate()
    try checkUsable(queries, called: "query")
  }
}
