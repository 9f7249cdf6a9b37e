/// Extended grapheme clusters (Unicode Standard Annex 29) as Hugging Face `tokenizers` cuts them.
///
/// Pairs of regional indicators are not kept together: a cluster of four bytes or more that takes
/// nothing along is seen scalar by scalar by `CharacterMap`, the one that asks for clusters.
struct GraphemeClusters: Sendable {
  private enum Kind: UInt8 {
    case other, carriageReturn, lineFeed, control, extend, stopper, linker, spacing, joiner
    case prepend, lead, vowel, tail, openSyllable, closedSyllable, pictograph, consonant
  }

  private var kinds = ScalarTable<UInt8>(repeating: Kind.other.rawValue)

  static let shared = GraphemeClusters()

  private init() {
    set(UnicodeFacts.graphemeControls, .control)
    set(UnicodeFacts.graphemeExtends, .extend)
    set(UnicodeFacts.conjunctStoppers, .stopper)
    set(UnicodeFacts.conjunctLinkers, .linker)
    set(UnicodeFacts.graphemeSpacing, .spacing)
    set(UnicodeFacts.graphemePrepends, .prepend)
    set(UnicodeFacts.pictographs, .pictograph)
    set(UnicodeFacts.conjunctConsonants, .consonant)
    set(UnicodeFacts.jamoLeads, .lead)
    set(UnicodeFacts.jamoVowels, .vowel)
    set(UnicodeFacts.jamoTails, .tail)
    kinds.set(UnicodeFacts.hangul, to: Kind.closedSyllable.rawValue)
    for syllable in stride(from: UnicodeFacts.hangul.lowerBound, to: 0xD7A4, by: 28) {
      kinds[syllable] = Kind.openSyllable.rawValue
    }
    kinds[0x0D] = Kind.carriageReturn.rawValue
    kinds[0x0A] = Kind.lineFeed.rawValue
    kinds[0x200D] = Kind.joiner.rawValue
  }

  private mutating func set(_ ranges: String, _ kind: Kind) {
    for range in UnicodeFacts.ranges(ranges) { kinds.set(range, to: kind.rawValue) }
  }

  private func kind(_ scalar: UInt32) -> Kind { Kind(rawValue: kinds[scalar]) ?? .other }

  /// Where the cluster that starts at `start` ends, in valid UTF-8 that is looked at up to `limit`.
  func end(in text: [UInt8], from start: Int, limit: Int) -> Int {
    let first = text.scalar(at: start)
    var position = start + first.length
    var before = kind(first.value)
    var emoji = EmojiSequence(first: before == .pictograph)
    var conjunct = Conjunct(first: before == .consonant)
    while position < limit {
      let (scalar, length) = text.scalar(at: position)
      let after = kind(scalar)
      let joinsWords =
        conjunct.isLinked && after == .consonant || emoji.isJoined && after == .pictograph
      guard joinsWords || Self.joins(before, after) else { break }
      emoji.take(after)
      conjunct.take(after)
      before = after
      position += length
    }
    return position
  }

  /// Rules GB3 to GB9b: those that look at two scalars.
  private static func joins(_ before: Kind, _ after: Kind) -> Bool {
    switch (before, after) {
    case (.carriageReturn, .lineFeed): true
    case (.control, _), (.carriageReturn, _), (.lineFeed, _): false
    case (_, .control), (_, .carriageReturn), (_, .lineFeed): false
    case (.lead, .lead), (.lead, .vowel), (.lead, .openSyllable), (.lead, .closedSyllable): true
    case (.openSyllable, .vowel), (.vowel, .vowel): true
    case (.openSyllable, .tail), (.vowel, .tail), (.closedSyllable, .tail), (.tail, .tail): true
    case (_, .extend), (_, .stopper), (_, .linker), (_, .joiner), (_, .spacing): true
    case (.prepend, _): true
    default: false
    }
  }

  /// Rule GB11: a pictograph, marks, U+200D.
  private struct EmojiSequence {
    private var isOpen: Bool
    private(set) var isJoined = false

    init(first: Bool) { isOpen = first }

    mutating func take(_ kind: Kind) {
      switch kind {
      case .pictograph: (isOpen, isJoined) = (true, false)
      case .extend, .stopper, .linker: isJoined = false
      case .joiner:
        isJoined = isOpen
        isOpen = false
      default: (isOpen, isJoined) = (false, false)
      }
    }
  }

  /// Rule GB9c: a consonant, marks, a linker among them.
  private struct Conjunct {
    private var isOpen: Bool
    private(set) var isLinked = false

    init(first: Bool) { isOpen = first }

    mutating func take(_ kind: Kind) {
      switch kind {
      case .consonant: (isOpen, isLinked) = (true, false)
      case .linker: isLinked = isOpen
      case .extend, .joiner: break
      default: (isOpen, isLinked) = (false, false)
      }
    }
  }
}
