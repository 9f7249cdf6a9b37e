internal import Synchronization
public import Tensors

/// An index that vectors are added to and deleted from while it is searched.
///
/// It is a list of parts that never change. A search takes the list as it is at that moment and is not
/// touched by what comes after; an upsert adds a part, and deleted or replaced rows are tombstones.
/// New parts are scanned exactly and are joined as they grow; ``compact(progress:)`` builds one index
/// by the recipe and drops the tombstones, while searches and upserts go on.
///
/// Rows are the caller's numbers, 0 or more, in any order and with gaps.
public final class LivingIndex: VectorIndex {
  public let dimension: Int
  public let indexRecipe: IndexRecipe
  private let seed: Int
  private let state = Mutex(LivingState())
  /// Held by a compaction: one at a time.
  private let compaction = Mutex(())

  /// An empty index.
  ///
  /// - Parameters:
  ///   - recipe: what ``compact(progress:)`` builds.
  ///   - seed: of that.
  public init(dimension: Int, recipe: IndexRecipe = .automatic, seed: Int = 0) {
    precondition(dimension >= 1, "vectors of \(dimension) dimensions")
    self.dimension = dimension
    indexRecipe = recipe
    self.seed = seed
  }

  /// Rows that can be found.
  public var count: Int { state.withLock { $0.places.count } }
  /// Tombstones over all vectors held: what a compaction would free.
  public var deadShare: Double { state.withLock(\.deadShare) }
  /// The recipe of the part that the last compaction built, "Flat" before.
  public var recipe: String { state.withLock { $0.parts.first?.segment.index.recipe ?? "Flat" } }

  /// Adds vectors, or replaces those of the same rows. When it returns, searches see all of them.
  ///
  /// - Parameters:
  ///   - rows: 0 or more, none twice.
  ///   - vectors: `(rows.count, dimension)`, finite.
  /// - Throws: `IndexError.invalidArgument`; nothing is added then.
  /// - Complexity: O(n · d), amortised O(log N) times for a total of N.
  public func upsert(rows: [Int], vectors: Matrix) throws(IndexError) {
    guard vectors.columns == dimension, vectors.rows == rows.count else {
      throw IndexError(
        .invalidArgument,
        "\(vectors.rows) vectors of \(vectors.columns) dimensions for \(rows.count) rows of an "
          + "index of \(dimension)")
    }
    guard rows.allSatisfy({ $0 >= 0 }), Set(rows).count == rows.count else {
      throw IndexError(.invalidArgument, "rows must be 0 or more, and none twice")
    }
    guard !rows.isEmpty else { return }
    let part = LivingPart(
      vectors: vectors,
      segment: IndexSegment(index: try ExactIndex(vectors), names: .listed(rows), dead: []))
    state.withLock { $0.append(part) }
    try joinSmallParts()
  }

  /// Deletes rows; those that are not there are no error.
  ///
  /// - Returns: how many were there.
  @discardableResult
  public func delete(rows: [Int]) -> Int {
    state.withLock { state in rows.count { state.delete($0) } }
  }

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

  /// The parts as they are now.
  private var segments: IndexSegments {
    IndexSegments(parts: state.withLock { $0.parts.map(\.segment) })
  }

  /// Builds one index of all that is there, by the recipe, and drops the tombstones. Searches,
  /// upserts and deletions go on meanwhile, and are kept.
  ///
  /// - Throws: `IndexError` of the build; the index stays as it was then.
  public func compact(progress: ((Double) -> Void)? = nil) throws(IndexError) {
    let result = compaction.withLock { _ in
      Result { () throws(IndexError) in
        try replace(state.withLock { $0.parts }) { (vectors) throws(IndexError) in
          try FaissIndex.build(
            indexRecipe, vectors: vectors, seed: seed, threads: Threads.count, progress: progress)
        }
      }
    }
    try result.get()
  }

  /// Joins the newest parts while each is not much larger than the next: there are never more than
  /// about log₂ N of them, and a row is copied about as often.
  private func joinSmallParts() throws(IndexError) {
    let result = compaction.withLockIfAvailable { _ in
      Result { () throws(IndexError) in
        while let small = state.withLock({ $0.smallParts }) {
          try replace(small) { (vectors) throws(IndexError) in try ExactIndex(vectors) }
        }
      }
    }
    try result?.get()
  }

  /// Puts one part in the place of some.
  private func replace(
    _ former: [LivingPart], by build: (Matrix) throws(IndexError) -> any VectorIndex
  ) throws(IndexError) {
    guard !former.isEmpty else { return }
    var rows: [Int] = []
    var vectors: [Matrix] = []
    for part in former {
      let live = (0..<part.vectors.rows).filter { !part.segment.dead.contains($0) }
      rows += live.map(part.segment.name)
      vectors.append(part.vectors.gathering(live))
    }
    let joined = Matrix.concatenatingRows(vectors)
    let segment = IndexSegment(index: try build(joined), names: .listed(rows), dead: [])
    state.withLock { $0.replace(former, by: LivingPart(vectors: joined, segment: segment)) }
  }
}
