/// What a splitter makes of its matches (`SplitDelimiterBehavior` of `tokenizers`).
enum SplitBehavior: String, Sendable {
  /// Matches go.
  case removed = "Removed"
  /// Matches are pieces of their own.
  case isolated = "Isolated"
  /// Matches end the piece before them.
  case mergedWithPrevious = "MergedWithPrevious"
  /// Matches start the piece after them.
  case mergedWithNext = "MergedWithNext"
  /// Neighbouring matches are one piece.
  case contiguous = "Contiguous"

  /// The pieces, in order; none is empty.
  func pieces(_ matches: [TextMatch]) -> [Range<Int>] {
    switch self {
    case .removed: matches.filter { !$0.isMatch }.map(\.range)
    case .isolated: matches.map(\.range)
    case .mergedWithPrevious: Self.merged(matches) { $1.isMatch && !$0.isMatch }
    case .mergedWithNext: Self.mergedFromRight(matches)
    case .contiguous: Self.merged(matches) { $1.isMatch == $0.isMatch }
    }
  }

  private static func merged(
    _ matches: [TextMatch], where belongs: (_ before: TextMatch, _ match: TextMatch) -> Bool
  ) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var before: TextMatch?
    for match in matches {
      if let before, let last = pieces.last, belongs(before, match) {
        pieces[pieces.count - 1] = last.lowerBound..<match.range.upperBound
      } else {
        pieces.append(match.range)
      }
      before = match
    }
    return pieces
  }

  private static func mergedFromRight(_ matches: [TextMatch]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var after: TextMatch?
    for match in matches.reversed() {
      if match.isMatch, after?.isMatch == false, let last = pieces.last {
        pieces[pieces.count - 1] = match.range.lowerBound..<last.upperBound
      } else {
        pieces.append(match.range)
      }
      after = match
    }
    return pieces.reversed()
  }
}
