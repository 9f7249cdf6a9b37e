/// Pairs of tokens with the rank of their merge and what they become, in one open-addressed table.
struct PairTable: Sendable {
  private var keys: [UInt64]
  /// `rank << 32 | merged`.
  private var values: [UInt64]
  private let shift: UInt64

  private static let free = UInt64.max

  init(capacity: Int) {
    var bits: UInt64 = 4
    while 1 << bits < capacity * 2 { bits += 1 }
    keys = Array(repeating: Self.free, count: 1 << Int(bits))
    values = Array(repeating: 0, count: keys.count)
    shift = 64 - bits
  }

  /// Sets a pair, replacing a former one. Traps when the table is full.
  mutating func insert(_ left: Int32, _ right: Int32, rank: Int, merged: Int32) {
    let index = slot(of: Self.key(left, right))
    keys[index] = Self.key(left, right)
    values[index] = UInt64(rank) << 32 | UInt64(UInt32(bitPattern: merged))
  }

  @inline(__always)
  subscript(left: Int32, right: Int32) -> (rank: Int, merged: Int32)? {
    let index = slot(of: Self.key(left, right))
    if keys[index] == Self.free { return nil }
    let value = values[index]
    return (Int(value >> 32), Int32(truncatingIfNeeded: value))
  }

  /// Where the key is, or may be put.
  @inline(__always)
  private func slot(of key: UInt64) -> Int {
    // Multiplicative hashing (Knuth, volume 3, section 6.4); the high bits are used.
    var index = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    while keys[index] != key, keys[index] != Self.free { index = (index + 1) & (keys.count - 1) }
    return index
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}

/// A binary heap of numbers, the least on top (Knuth, volume 3, section 5.2.3).
struct MinimumHeap {
  private var items: [UInt64] = []

  mutating func push(_ item: UInt64) {
    items.append(item)
    var place = items.count - 1
    while place > 0, items[(place - 1) / 2] > item {
      items[place] = items[(place - 1) / 2]
      place = (place - 1) / 2
    }
    items[place] = item
  }

  mutating func pop() -> UInt64? {
    guard let top = items.first, let last = items.popLast() else { return nil }
    if items.isEmpty { return top }
    var place = 0
    while place * 2 + 1 < items.count {
      var child = place * 2 + 1
      if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
      if items[child] >= last { break }
      items[place] = items[child]
      place = child
    }
    items[place] = last
    return top
  }
}
