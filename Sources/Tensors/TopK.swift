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
  unsafe scores.withUnsafeBufferPointer { unsafe best.offer($0, firstRow: 0, excluding: nil) }
  return best.sorted()
}

/// The `k` passages with the largest inner product for each query, exactly.
///
/// - Parameters:
///   - queries: `(q, d)`.
///   - passages: `(n, d)`; may be mapped from a file.
///   - excluded: true for rows that must not be found; checked only for rows that would enter.
/// - Returns: per query `min(k, allowed rows)` neighbours, best first, ties by ascending row.
/// - Complexity: O(q · n · d); memory for a block of 64 × 4,096 scores per thread.
public func exactTopK(
  queries: Matrix, passages: Matrix, k: Int, excluding excluded: (@Sendable (Int) -> Bool)? = nil
) -> [[Neighbor]] {
  precondition(
    queries.columns == passages.columns || passages.rows == 0,
    "queries of \(queries.columns) dimensions, passages of \(passages.columns)")
  let queryBlock = 64
  let blocks = (queries.rows + queryBlock - 1) / queryBlock
  if blocks <= 1, passages.rows > 8192 {
    return splitByPassages(queries, passages, k, excluded)
  }
  var results = [[[Neighbor]]](repeating: [], count: blocks)
  unsafe results.withUnsafeMutableBufferPointer { all in
    let all = unsafe SharedSlots(all)
    Threads.forEach(blocks) { block in
      let rows = block * queryBlock..<min((block + 1) * queryBlock, queries.rows)
      unsafe all.slots[block] = scan(
        queries[rows: rows], passages, 0..<passages.rows, k, excluded
      ).map { $0.sorted() }
    }
  }
  return results.flatMap { $0 }
}

/// Few queries: the threads share the passages instead, and their findings are merged.
private func splitByPassages(
  _ queries: Matrix, _ passages: Matrix, _ k: Int, _ excluded: (@Sendable (Int) -> Bool)?
) -> [[Neighbor]] {
  let parts = Threads.count
  var found = [[BestNeighbors]](repeating: [], count: parts)
  unsafe found.withUnsafeMutableBufferPointer { all in
    let all = unsafe SharedSlots(all)
    Threads.forEach(parts) { part in
      let rows = passages.rows * part / parts..<passages.rows * (part + 1) / parts
      unsafe all.slots[part] = scan(queries, passages, rows, k, excluded)
    }
  }
  return (0..<queries.rows).map { query in
    let merged = found.flatMap { $0[query].sorted() }.sorted(by: Neighbor.precedes)
    return Array(merged.prefix(max(k, 0)))
  }
}

private func scan(
  _ queries: Matrix, _ passages: Matrix, _ rows: Range<Int>, _ k: Int,
  _ excluded: (@Sendable (Int) -> Bool)?
) -> [BestNeighbors] {
  var best = [BestNeighbors](repeating: BestNeighbors(k: k), count: queries.rows)
  for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 4096) {
    let end = min(start + 4096, rows.upperBound)
    let scores = product(queries, passages[rows: start..<end], transposeB: true)
    let width = end - start
    unsafe scores.withUnsafeElements { all in
      for query in best.indices {
        let row = unsafe UnsafeBufferPointer(rebasing: all[query * width..<(query + 1) * width])
        unsafe best[query].offer(row, firstRow: start, excluding: excluded)
      }
    }
  }
  return best
}

/// The best `k` seen so far: a heap whose root is the worst of them.
struct BestNeighbors {
  let k: Int
  private var heap: [Neighbor] = []
  private var threshold = -Float.infinity

  init(k: Int) { self.k = max(k, 0) }

  func sorted() -> [Neighbor] { heap.sorted(by: Neighbor.precedes) }

  /// Offers the scores of consecutive rows. Rows must come in ascending order, so that an equal
  /// score never displaces an earlier row.
  mutating func offer(
    _ scores: UnsafeBufferPointer<Float>, firstRow: Int, excluding excluded: ((Int) -> Bool)?
  ) {
    guard k > 0 else { return }
    for i in scores.indices {
      let score = unsafe scores[i]
      if heap.count == k, !(score > threshold) { continue }
      if let excluded, excluded(firstRow + i) { continue }
      insert(Neighbor(row: firstRow + i, score: score))
    }
  }

  private mutating func insert(_ neighbor: Neighbor) {
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
