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

  /// All rows that score `least` or more against a query: a range search.
  ///
  /// - Parameters:
  ///   - queries: `(q, dimension)`, finite.
  ///   - least: inner product; not NaN.
  /// - Returns: per query, best first, equal scores by ascending row. An approximate index may miss
  ///   rows as it does in a search for as many neighbours.
  /// - Throws: as ``search(_:k:parameters:)``.
  func search(_ queries: Matrix, scoring least: Float, parameters: SearchParameters)
    throws(IndexError) -> [[Neighbor]]
}

extension VectorIndex {
  /// The best `k` rows for each query, with default parameters.
  public func search(_ queries: Matrix, k: Int) throws(IndexError) -> [[Neighbor]] {
    try search(queries, k: k, parameters: SearchParameters())
  }

  /// All rows that score `least` or more against a query, with default parameters.
  public func search(_ queries: Matrix, scoring least: Float) throws(IndexError) -> [[Neighbor]] {
    try search(queries, scoring: least, parameters: SearchParameters())
  }

  /// By searches for more and more neighbours, until the last one scores less.
  public func search(
    _ queries: Matrix, scoring least: Float, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try searchDeeper(queries, scoring: least, parameters: parameters)
  }

  func searchDeeper(
    _ queries: Matrix, scoring least: Float, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try validate(queries, scoring: least, parameters)
    var answers = [[Neighbor]](repeating: [], count: queries.rows)
    var pending = Array(0..<queries.rows)
    var k = 64
    while !pending.isEmpty {
      let found = try search(queries.gathering(pending), k: k, parameters: parameters)
      for (query, list) in zip(pending, found) {
        answers[query] = Array(list.prefix { $0.score >= least })
      }
      // Who got fewer than were asked for has seen all there are.
      pending = pending.filter { answers[$0].count == k }
      k *= 8
    }
    return answers
  }

  func validate(
    _ queries: Matrix, scoring least: Float, _ parameters: SearchParameters
  ) throws(IndexError) {
    guard !least.isNaN else { throw IndexError(.invalidArgument, "the least score is NaN") }
    try validate(queries, k: 1, parameters)
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
