/// Byte strings with a value each, for longest-match look-ups that build no string.
///
/// The edges of all nodes lie in one open-addressed table keyed by (node, byte), so that a step
/// costs one probe and the whole trie is two flat arrays.
struct ByteTrie: Sendable {
  /// Edge table: `node << 40 | byte << 32 | next`, or `free`.
  private var slots: [UInt64]
  /// Value of each node, -1 for none. Node 0 is the root.
  private var values: [Int32] = [-1]
  private var edgeCount = 0
  private var shift: UInt64

  private static let free = UInt64.max

  init() {
    slots = Array(repeating: Self.free, count: 64)
    shift = 64 - 6
  }

  /// Sets the value of `key`, replacing a former one. `value` must not be negative.
  mutating func insert(_ key: some Sequence<UInt8>, value: Int32) {
    precondition(value >= 0, "ByteTrie: the value \(value) is negative")
    var node: UInt32 = 0
    for byte in key { node = child(of: node, byte) ?? addChild(of: node, byte) }
    values[Int(node)] = value
  }

  /// The value of exactly `key`.
  subscript(key: some Sequence<UInt8>) -> Int32? {
    var node: UInt32 = 0
    for byte in key {
      guard let next = child(of: node, byte) else { return nil }
      node = next
    }
    let value = values[Int(node)]
    return value < 0 ? nil : value
  }

  /// The longest key that `bytes` has at `start`, not reaching past `limit`.
  ///
  /// - Returns: where it ends and its value; `nil` when no key, the empty one excluded, is there.
  /// - Complexity: O(longest key).
  func longestMatch(
    in bytes: [UInt8], from start: Int, to limit: Int
  ) -> (end: Int, value: Int32)? {
    var node: UInt32 = 0
    var best: (end: Int, value: Int32)?
    var position = start
    while position < limit, let next = child(of: node, bytes[position]) {
      position += 1
      node = next
      let value = values[Int(node)]
      if value >= 0 { best = (position, value) }
    }
    return best
  }

  /// Calls `body` with the end and the value of every key that `bytes` has at `start`, not
  /// reaching past `limit`, the shortest first.
  @inline(__always)
  func forEachMatch(
    in bytes: [UInt8], from start: Int, to limit: Int, _ body: (_ end: Int, _ value: Int32) -> Void
  ) {
    var node: UInt32 = 0
    var position = start
    while position < limit, let next = child(of: node, bytes[position]) {
      position += 1
      node = next
      let value = values[Int(node)]
      if value >= 0 { body(position, value) }
    }
  }

  @inline(__always)
  private func child(of node: UInt32, _ byte: UInt8) -> UInt32? {
    let key = Self.key(node, byte)
    let mask = slots.count - 1
    var index = Int(truncatingIfNeeded: Self.hash(key) >> shift)
    while true {
      let slot = slots[index]
      if slot >> 32 == key { return UInt32(truncatingIfNeeded: slot) }
      if slot == Self.free { return nil }
      index = (index + 1) & mask
    }
  }

  private mutating func addChild(of node: UInt32, _ byte: UInt8) -> UInt32 {
    precondition(values.count < 1 << 24, "ByteTrie: more than 16 million nodes")
    if edgeCount * 2 >= slots.count { grow() }
    let next = UInt32(values.count)
    values.append(-1)
    place(Self.key(node, byte) << 32 | UInt64(next))
    edgeCount += 1
    return next
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: Self.free, count: old.count * 2)
    shift -= 1
    for slot in old where slot != Self.free { place(slot) }
  }

  private mutating func place(_ slot: UInt64) {
    var index = Int(truncatingIfNeeded: Self.hash(slot >> 32) >> shift)
    while slots[index] != Self.free { index = (index + 1) & (slots.count - 1) }
    slots[index] = slot
  }

  private static func key(_ node: UInt32, _ byte: UInt8) -> UInt64 {
    UInt64(node) << 8 | UInt64(byte)
  }

  /// Multiplicative hashing (Knuth, volume 3, section 6.4); the high bits are used.
  private static func hash(_ key: UInt64) -> UInt64 { key &* 0x9E37_79B9_7F4A_7C15 }
}
