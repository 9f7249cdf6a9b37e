/// One found passage: its row, and its score against the query.
public struct Neighbor: Sendable, Equatable {
  /// Row of the passage.
  public var row: Int
  /// Inner product with the query; the cosine when both are unit vectors.
  public var score: Float

  public init(row: Int, score: Float) {
    self.row = row
    self.score = score
  }

  /// Higher scores first; equal scores by ascending row.
  @inlinable
  public static func precedes(_ a: Neighbor, _ b: Neighbor) -> Bool {
    a.score > b.score || (a.score == b.score && a.row < b.row)
  }
}

/// The `k` largest scores, best first, ties by ascending position.
public func topK(_ scores: [Float], k: Int) -> [Neighbor] {
  var best = BestNeighbors(k: k)
  for (row, score) in scores.enumerated() { best.offer(Neighbor(row: row, score: score)) }
  return best.sorted()
}

/// The `k` passages with the largest inner product for each query, exactly.
///
/// - Parameters:
///   - queries: `(q, d)`.
///   - passages: `(n, d)`; may be mapped from a file.
///   - excluded: true for rows that must not be found; checked only for rows that would enter.
/// - Returns: per query `min(k, allowed rows)` neighbours, best first, ties by ascending row.
/// - Complexity: O(q · n · d); with four queries or more, memory for n · d bytes. Who asks several
///   times keeps an ``ExactScan``.
public func exactTopK(
  queries: Matrix, passages: Matrix, k: Int, excluding excluded: (@Sendable (Int) -> Bool)? = nil
) -> [[Neighbor]] {
  precondition(
    queries.columns == passages.columns || passages.rows == 0,
    "queries of \(queries.columns) dimensions, passages of \(passages.columns)")
  return ExactScan(passages).search(queries, k: k, excluding: excluded)
}

/// The best `k` seen so far: a heap whose root is the worst of them.
struct BestNeighbors {
  let k: Int
  private var heap: [Neighbor] = []

  init(k: Int) { self.k = max(k, 0) }

  func sorted() -> [Neighbor] { heap.sorted(by: Neighbor.precedes) }

  /// The worst score among the best, once there are `k`.
  private(set) var threshold = -Float.infinity

  /// Whether a row of this score would enter.
  func accepts(_ score: Float, row: Int) -> Bool {
    guard heap.count == k else { return k > 0 }
    return k > 0 && Neighbor.precedes(Neighbor(row: row, score: score), heap[0])
  }

  /// Takes a row in if it is among the best so far.
  mutating func offer(_ neighbor: Neighbor) {
    if accepts(neighbor.score, row: neighbor.row) { insert(neighbor) }
  }

  /// Takes in a row that `accepts` let pass.
  mutating func insert(_ neighbor: Neighbor) {
    if heap.count < k {
      heap.append(neighbor)
      siftUp(from: heap.count - 1)
    } else {
      heap[0] = neighbor
      siftDown()
    }
    if heap.count == k { threshold = heap[0].score }
  }

  private mutating func siftUp(from start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard Neighbor.precedes(heap[parent], heap[child]) else { return }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var worst = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if Neighbor.precedes(heap[worst], heap[child]) { worst = child }
      }
      if worst == parent { return }
      heap.swapAt(parent, worst)
      parent = worst
    }
  }
}

/// Result slots of one parallel loop.
///
/// @unchecked Sendable: the loop ends before the loan does, and each body writes its own slot.
@safe struct SharedSlots<Element>: @unchecked Sendable {
  let slots: UnsafeMutableBufferPointer<Element>
  init(_ slots: UnsafeMutableBufferPointer<Element>) { unsafe self.slots = slots }
}
