/// Drops some scalars and turns others into spaces.
struct ScalarFilter: Sendable {
  private static let dropped: UInt8 = 1
  private static let spaced: UInt8 = 2

  private var actions = ScalarTable<UInt8>(repeating: 0)

  /// `StripAccents`: Mn, Mc and Me go.
  static let accents = ScalarFilter(dropped: UnicodeFacts.ranges(UnicodeFacts.accents), spaced: [])

  /// `Nmt`: control characters go, what passes for white space becomes a space.
  static let nmt = ScalarFilter(
    dropped: [0x1...0x8, 0xB...0xB, 0xE...0x1F, 0x7F...0x7F, 0x8F...0x8F, 0x9F...0x9F],
    spaced: [
      0x9...0xA, 0xC...0xD, 0x1680...0x1680, 0x200B...0x200F, 0x2028...0x2029, 0x2581...0x2581,
      0xFEFF...0xFEFF, 0xFFFD...0xFFFD,
    ])

  init(dropped: [ClosedRange<UInt32>], spaced: [ClosedRange<UInt32>]) {
    for range in dropped { actions.set(range, to: Self.dropped) }
    for range in spaced { actions.set(range, to: Self.spaced) }
  }

  /// What becomes of valid UTF-8.
  func apply(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      let (scalar, length) = text.scalar(at: position)
      switch actions[scalar] {
      case Self.dropped: break
      case Self.spaced: output.append(UInt8(ascii: " "))
      default: output.append(contentsOf: text[position..<position + length])
      }
      position += length
    }
    return output
  }
}
