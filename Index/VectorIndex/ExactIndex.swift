public import Tensors

/// The exact answer: every query is compared with every vector.
///
/// The vectors may be mapped from a file. The oracle that approximate indexes are measured against,
/// and what `--exact` asks for. After the first few queries it holds 8-bit codes of the vectors, a
/// quarter of their memory, and is several times faster; see `ExactScan`.
public struct ExactIndex: VectorIndex {
  private let scan: ExactScan
  public let dimension: Int
  public let count: Int

  /// An index over the rows of `vectors`.
  ///
  /// - Throws: `IndexError.invalidArgument` naming the first row with NaN or infinity.
  /// - Complexity: O(n · d), one reading of the vectors; no copy.
  public init(_ vectors: Matrix) throws(IndexError) {
    try checkUsable(vectors, called: "vector")
    scan = ExactScan(vectors)
    (count, dimension) = (vectors.rows, vectors.columns)
  }

  public var recipe: String { "Flat" }

  /// The best `k` rows for each query. O(q · n · d).
  public func search(
    _ queries: Matrix, k: Int, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try validate(queries, k: k, parameters)
    return scan.search(queries, k: k, parameters)
  }

  /// All rows that score `least` or more. O(q · n · d).
  public func search(
    _ queries: Matrix, scoring least: Float, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try validate(queries, scoring: least, parameters)
    return scan.search(
      queries, scoring: least, threads: parameters.threads,
      excluding: parameters.excludedRows.asPredicate)
  }
}

extension ExactScan {
  /// The same with a set of rows; `k` may exceed the rows.
  func search(_ queries: Matrix, k: Int, _ parameters: SearchParameters) -> [[Neighbor]] {
    search(
      queries, k: k, threads: parameters.threads, excluding: parameters.excludedRows.asPredicate,
      leaving: count - parameters.excludedRows.count(below: count))
  }
}

extension RowSet {
  /// Membership as a function; nil for the empty set, which needs no asking.
  var asPredicate: (@Sendable (Int) -> Bool)? {
    isEmpty ? nil : { @Sendable row in self.contains(row) }
  }
}
