/// The words GPT-2 and RoBERTa spell byte by byte (Radford et al. 2019): contractions, letters,
/// numbers and other signs, each with a space before it, and white space.
struct GPT2Words: Sendable {
  /// The expression that files write out for this splitter.
  static let expression =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  private enum Kind {
    static let other: UInt8 = 0
    static let letter: UInt8 = 1
    static let number: UInt8 = 2
    static let space: UInt8 = 3
  }

  private static let contractions = ["s", "t", "re", "ve", "m", "ll", "d"].map { Array($0.utf8) }
  private var kinds = ScalarTable<UInt8>(repeating: Kind.other)

  static let shared = GPT2Words()

  private init() {
    for (ranges, kind) in [
      (UnicodeFacts.letters, Kind.letter), (UnicodeFacts.numbers, Kind.number),
      (UnicodeFacts.spaces, Kind.space),
    ] {
      for range in UnicodeFacts.ranges(ranges) { kinds.set(range, to: kind) }
    }
  }

  /// Whether the scalar matches `\s` of Oniguruma.
  func isSpace(_ scalar: UInt32) -> Bool { kinds[scalar] == Kind.space }

  /// Where the word that starts at `start` ends, in valid UTF-8 that is looked at up to `limit`.
  func end(in text: [UInt8], from start: Int, limit: Int) -> Int {
    if text[start] == UInt8(ascii: "'") {
      for ending in Self.contractions where text[(start + 1)..<limit].starts(with: ending) {
        return start + 1 + ending.count
      }
    }
    var first = start
    if text[start] == UInt8(ascii: " "), start + 1 < limit,
      kinds[text.scalar(at: start + 1).value] != Kind.space
    {
      first += 1
    }
    let kind = kinds[text.scalar(at: first).value]
    let run = end(of: kind, in: text, from: first, limit: limit)
    if kind != Kind.space || run.position == limit || run.last == start { return run.position }
    // The last space of several goes with the word after it.
    return run.last
  }

  /// Where scalars of one kind end, and where the last of them starts.
  private func end(
    of kind: UInt8, in text: [UInt8], from start: Int, limit: Int
  ) -> (position: Int, last: Int) {
    var (position, last) = (start, start)
    while position < limit {
      let (scalar, length) = text.scalar(at: position)
      if kinds[scalar] != kind { break }
      last = position
      position += length
    }
    return (position, last)
  }
}
