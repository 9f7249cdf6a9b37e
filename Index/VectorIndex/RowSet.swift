/// A set of passage rows, one bit each, that a search can consult without hashing.
public struct RowSet: Sendable, Equatable, ExpressibleByArrayLiteral {
  /// Bit `row % 64` of word `row / 64` is set for the members; the last word is not zero.
  private(set) var words: [UInt64] = []
  /// Number of rows in the set.
  public private(set) var count = 0

  /// The empty set.
  public init() {}

  /// The given rows; repeats are allowed. Traps when one is negative.
  public init(_ rows: some Sequence<Int>) {
    for row in rows { insert(row) }
  }

  public init(arrayLiteral elements: Int...) { self.init(elements) }

  /// Whether no row is in the set.
  public var isEmpty: Bool { count == 0 }

  /// Whether `row` is in the set. O(1).
  public func contains(_ row: Int) -> Bool {
    let word = row >> 6
    return row >= 0 && word < words.count && words[word] & bit(row) != 0
  }

  /// Adds `row`. Traps when it is negative.
  public mutating func insert(_ row: Int) {
    precondition(row >= 0, "row \(row) is negative")
    let word = row >> 6
    if word >= words.count {
      words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
    }
    guard words[word] & bit(row) == 0 else { return }
    words[word] |= bit(row)
    count += 1
  }

  /// Adds every row of `other`.
  public mutating func formUnion(_ other: RowSet) {
    for row in other.rows { insert(row) }
  }

  /// The rows in ascending order.
  public var rows: [Int] {
    var result: [Int] = []
    result.reserveCapacity(count)
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(index << 6 | rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return result
  }

  /// How many of the rows `0..<limit` are in the set.
  func count(below limit: Int) -> Int {
    guard limit < words.count << 6 else { return count }
    let whole = limit >> 6
    let partial = words[whole] & (bit(limit) - 1)
    return words[..<whole].reduce(partial.nonzeroBitCount) { $0 + $1.nonzeroBitCount }
  }

  private func bit(_ row: Int) -> UInt64 { 1 << UInt64(row & 63) }
}
