internal import CKernels
internal import Synchronization

/// Finds the nearest of many vectors exactly, by looking at all of them.
///
/// Few queries are compared with the vectors themselves. When there have been more, the vectors are
/// coded in 8 bits (a quarter of their memory, held from then on) and a query is compared with the
/// codes; what could be among its best, by a bound on the error of the codes, is then compared
/// exactly. Both ways give the same answer, and a score is always that of ``exactScore``.
public final class ExactScan: Sendable {
  let vectors: Matrix
  private let state = Mutex(State())

  private struct State {
    var coded: CodedVectors?
    var scans = 0
  }

  /// Scans of the vectors that cost more than to code them.
  static let scansBeforeCoding = 4

  /// A scan over the rows of `vectors` `(n, d)`, finite; may be mapped from a file. No copy.
  public init(_ vectors: Matrix) { self.vectors = vectors }

  /// Number of vectors.
  public var count: Int { vectors.rows }

  /// Codes the vectors now rather than after some queries: for who knows that many will come.
  public func prepare() { _ = coded(for: Self.scansBeforeCoding) }

  /// The best `k` rows of each query: see ``exactTopK(queries:passages:k:excluding:)``.
  ///
  /// - Parameters:
  ///   - queries: `(q, d)`, finite.
  ///   - threads: to use at most; nil is ``Threads/count``.
  ///   - excluded: true for rows that must not be found.
  ///   - allowed: how many rows are not excluded, if that is known: few are compared by themselves,
  ///     without a look at the others.
  /// - Returns: per query `min(k, allowed rows)` neighbours, best first, ties by ascending row.
  public func search(
    _ queries: Matrix, k: Int, threads: Int? = nil,
    excluding excluded: (@Sendable (Int) -> Bool)? = nil, leaving allowed: Int? = nil
  ) -> [[Neighbor]] {
    checkColumns(queries)
    let k = min(k, vectors.rows)
    guard k > 0 else { return [[Neighbor]](repeating: [], count: queries.rows) }
    let threads = threads ?? Threads.count
    let few = excluded != nil && 8 * (allowed ?? vectors.rows) < vectors.rows
    if !few, let coded = coded(for: queries.rows) {
      return CodedScan(vectors, coded, k: k, excluded).search(queries, threads: threads)
    }
    return PlainScan(vectors, k: k, least: -.infinity, excluded).search(queries, threads: threads)
  }

  /// All rows that score `least` or more against a query, best first, ties by ascending row.
  public func search(
    _ queries: Matrix, scoring least: Float, threads: Int? = nil,
    excluding excluded: (@Sendable (Int) -> Bool)? = nil
  ) -> [[Neighbor]] {
    checkColumns(queries)
    let threads = threads ?? Threads.count
    if let coded = coded(for: queries.rows) {
      return CodedScan(vectors, coded, least: least, excluded).search(queries, threads: threads)
    }
    return PlainScan(vectors, k: vectors.rows, least: least, excluded)
      .search(queries, threads: threads)
  }

  private func checkColumns(_ queries: Matrix) {
    precondition(
      queries.columns == vectors.columns || vectors.rows == 0,
      "queries of \(queries.columns) dimensions, passages of \(vectors.columns)")
  }

  /// The codes, when they are there or these queries make them worth their while. Who comes while
  /// another codes waits for it.
  private func coded(for queries: Int) -> CodedVectors? {
    state.withLock { state in
      state.scans = min(state.scans + queries, Self.scansBeforeCoding)
      if state.coded == nil, state.scans >= Self.scansBeforeCoding, vectors.count > 0 {
        state.coded = CodedVectors(vectors)
      }
      return state.coded
    }
  }
}

/// The score of one pair: the same whatever else is compared, at one instruction level.
func exactScore(_ query: UnsafePointer<Float>, _ row: UnsafePointer<Float>, _ n: Int) -> Float {
  unsafe ck_dot(query, row, n)
}
