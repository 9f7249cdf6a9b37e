public import Tensors

/// An index and what came after it: rows that were added or changed since it was built are compared
/// one by one until it is built anew.
///
/// Nothing is inserted into the index that is there, so that what searches it is not disturbed, and
/// its file stays as it is.
public struct ExtendedIndex: VectorIndex {
  /// The index as it was built; over the first rows.
  public let base: any VectorIndex
  /// Rows that are not found through the base, ascending: changed ones, and those beyond it.
  public let tail: [Int]
  public let count: Int

  private let segments: IndexSegments

  /// - Parameters:
  ///   - base: over rows 0 ..< base.count of `vectors` as they once were.
  ///   - changed: rows of the base whose vectors are others now.
  ///   - vectors: `(n, d)`, n ≥ base.count, as they are now; finite.
  /// - Throws: `IndexError.invalidArgument` when shapes do not fit or a new vector is not finite.
  public init(_ base: any VectorIndex, changed: RowSet, vectors: Matrix) throws(IndexError) {
    guard vectors.columns == base.dimension, vectors.rows >= base.count else {
      throw IndexError(
        .invalidArgument,
        "an index of \(base.count) vectors of \(base.dimension) dimensions cannot be extended to "
          + "\(vectors.rows) of \(vectors.columns)")
    }
    self.base = base
    count = vectors.rows
    tail = changed.rows.filter { $0 < base.count } + Array(base.count..<vectors.rows)
    var segments = [IndexSegment(index: base, names: .identity, dead: changed)]
    if !tail.isEmpty {
      let added = try ExactIndex(vectors.gathering(tail))
      segments.append(IndexSegment(index: added, names: .listed(tail), dead: []))
    }
    self.segments = IndexSegments(parts: segments)
  }

  public var dimension: Int { base.dimension }
  public var recipe: String { base.recipe }

  public func search(
    _ queries: Matrix, k: Int, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try validate(queries, k: k, parameters)
    return try segments.search(queries, k: k, parameters)
  }

  public func search(
    _ queries: Matrix, scoring least: Float, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try validate(queries, scoring: least, parameters)
    return try segments.search(queries, scoring: least, parameters)
  }
}
