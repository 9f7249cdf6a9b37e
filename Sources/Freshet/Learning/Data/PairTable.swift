/// Which rows of a file hold queries, and which pairs come of each: some 24 bytes a pair.
struct PairTable: Sendable {
  /// A row of the file: a query with its positives.
  private struct Row {
    let offset: UInt64
    let length: UInt32
    /// Another row about the same query, or itself: such rows are a ring.
    var next: UInt32
  }

  private var rows: [Row] = []
  /// Number of the first pair of each row.
  private var firstPairs: [UInt32] = []
  /// The passage of each pair, by its number.
  private(set) var positives: [Int32] = []

  var rowCount: Int { rows.count }

  var heldBytes: Int {
    rows.capacity * MemoryLayout<Row>.stride + (firstPairs.capacity + positives.capacity) * 4
  }

  /// Adds a row and a pair for each of its positives.
  ///
  /// - Parameter sibling: an earlier row about the same query, if there is one.
  mutating func add(bytes: Range<Int>, positives numbers: [Int32], sibling: Int? = nil) {
    precondition(!numbers.isEmpty, "a row without positives makes no pair")
    precondition(positives.count + numbers.count < Int(Int32.max), "more than 2^31 - 1 pairs")
    let row = UInt32(rows.count)
    let next = sibling.map { rows[$0].next } ?? row
    if let sibling { rows[sibling].next = row }
    rows.append(
      Row(offset: UInt64(bytes.lowerBound), length: UInt32(bytes.count), next: next))
    firstPairs.append(UInt32(positives.count))
    positives += numbers
  }

  /// The row a pair comes from.
  func row(ofPair pair: Int) -> Int {
    // The last row whose first pair is not after this one.
    var (low, high) = (0, min(pair, rows.count - 1))
    while low < high {
      let middle = (low + high + 1) / 2
      if firstPairs[middle] <= pair { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Where a row stands in the file.
  func bytes(ofRow row: Int) -> Range<Int> {
    let start = Int(rows[row].offset)
    return start..<start + Int(rows[row].length)
  }

  /// The passages that answer the query of a row, its own and those of other rows about it, in the
  /// order of the file.
  func answers(toQueryOfRow row: Int) -> [Int32] {
    var ring = [row]
    while let last = ring.last, rows[last].next != row { ring.append(Int(rows[last].next)) }
    var seen: Set<Int32> = []
    return ring.sorted().flatMap { positives(ofRow: $0).filter { seen.insert($0).inserted } }
  }

  private func positives(ofRow row: Int) -> ArraySlice<Int32> {
    let end = row + 1 < rows.count ? Int(firstPairs[row + 1]) : positives.count
    return positives[Int(firstPairs[row])..<end]
  }

  /// Gives back what was held for growing.
  mutating func trim() {
    rows = rows.trimmed()
    firstPairs = firstPairs.trimmed()
    positives = positives.trimmed()
  }
}
