/// The best of many matches: a heap whose root is the worst that is kept.
struct BestMatches {
  private let limit: Int
  private var heap: [TextMatch] = []

  init(limit: Int) { self.limit = limit }

  /// Best first, equal scores by ascending row.
  var sorted: [TextMatch] { heap.sorted { Self.isWorse($1, $0) } }

  mutating func insert(_ match: TextMatch) {
    if heap.count < limit {
      heap.append(match)
      siftUp()
    } else if Self.isWorse(heap[0], match) {
      heap[0] = match
      siftDown()
    }
  }

  private static func isWorse(_ a: TextMatch, _ b: TextMatch) -> Bool {
    a.score != b.score ? a.score < b.score : a.row > b.row
  }

  private mutating func siftUp() {
    var child = heap.count - 1
    while child > 0, Self.isWorse(heap[child], heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
      guard let worst = children.min(by: { Self.isWorse(heap[$0], heap[$1]) }),
        Self.isWorse(heap[worst], heap[parent])
      else { return }
      heap.swapAt(parent, worst)
      parent = worst
    }
  }
}
