/// Numbers keys from 0 in the order they come, and finds the number of a key again.
///
/// Open addressing with linear probing over 4-byte numbers: 16 bytes a key and 5.3 for its number
/// once ``trim()`` was called.
struct KeyTable: Sendable {
  private(set) var keys: [IdentityKey] = []
  /// Numbers of keys, -1 where there is none; at most three quarters are taken.
  private var slots = [Int32](repeating: -1, count: 16)

  var count: Int { keys.count }

  /// Bytes held.
  var heldBytes: Int {
    keys.capacity * MemoryLayout<IdentityKey>.stride + slots.capacity * MemoryLayout<Int32>.stride
  }

  /// The key's number, or nil when it never came.
  func number(of key: IdentityKey) -> Int? {
    let number = slots[slot(of: key)]
    return number < 0 ? nil : Int(number)
  }

  /// The key's number, and whether it came for the first time.
  mutating func insert(_ key: IdentityKey) -> (number: Int, isNew: Bool) {
    let slot = slot(of: key)
    if slots[slot] >= 0 { return (Int(slots[slot]), false) }
    precondition(keys.count < Int(Int32.max), "KeyTable: more than 2^31 - 1 keys")
    slots[slot] = Int32(keys.count)
    keys.append(key)
    if keys.count * 4 > slots.count * 3 { rebuild(slots: slots.count * 2) }
    return (keys.count - 1, true)
  }

  /// Gives back what was held for growing.
  mutating func trim() {
    keys = keys.trimmed()
    slots = []
    rebuild(slots: keys.count * 4 / 3 + 16)
  }

  private mutating func rebuild(slots count: Int) {
    slots = [Int32](repeating: -1, count: count)
    for number in keys.indices { slots[slot(of: keys[number])] = Int32(number) }
  }

  /// Where the key is, or where it would go.
  private func slot(of key: IdentityKey) -> Int {
    var slot = Int(key.low.multipliedFullWidth(by: UInt64(slots.count)).high)
    while slots[slot] >= 0, keys[Int(slots[slot])] != key {
      slot = slot + 1 == slots.count ? 0 : slot + 1
    }
    return slot
  }
}

extension Array {
  /// The same elements in a block of just their size.
  func trimmed() -> [Element] {
    capacity > count + count / 64 + 8 ? map { $0 } : self
  }
}
