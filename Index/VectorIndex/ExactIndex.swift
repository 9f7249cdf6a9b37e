public import Tensors

/// The exact answer: every query is compared with every vector.
///
/// Holds no copy: the matrix may be mapped from a file. The oracle that approximate indexes are
/// measured against, and what `--exact` asks for.
public struct ExactIndex: VectorIndex {
  private let vectors: Matrix

  /// An index over the rows of `vectors`.
  ///
  /// - Throws: `IndexError.invalidArgument` naming the first row with NaN or infinity.
  /// - Complexity: O(n · d), one reading of the vectors; no copy.
  public init(_ vectors: Matrix) throws(IndexError) {
    try checkUsable(vectors, called: "vector")
    self.vectors = vectors
  }

  public var dimension: Int { vectors.columns }
  public var count: Int { vectors.rows }
  public var recipe: String { "Flat" }

  /// The best `k` rows for each query. Uses `Threads.count` threads; O(q · n · d).
  public func search(
    _ queries: Matrix, k: Int, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try validate(queries, k: k, parameters)
    return scanExactly(queries, vectors, k: k, excluding: parameters.excludedRows)
  }
}

/// `exactTopK` with a row set; `k` may exceed the rows.
func scanExactly(
  _ queries: Matrix, _ vectors: Matrix, k: Int, excluding excluded: RowSet
) -> [[Neighbor]] {
  let isExcluded: (@Sendable (Int) -> Bool)? =
    excluded.isEmpty ? nil : { @Sendable row in excluded.contains(row) }
  return exactTopK(
    queries: queries, passages: vectors, k: min(k, vectors.rows), excluding: isExcluded)
}
