/// Finds added tokens in text, as `AddedVocabulary` of Hugging Face `tokenizers` does: leftmost
/// longest matches that do not overlap, of which those that break a word are passed over.
struct AddedTokenMatcher: Sendable {
  /// A stretch of text: an added token, or text between such (`id` is `nil`).
  struct Piece: Equatable {
    var id: Int32?
    var range: Range<Int>
  }

  private struct Rule: Sendable {
    var id: Int32
    var isSingleWord: Bool
    var stripsLeft: Bool
    var stripsRight: Bool
  }

  private var trie = ByteTrie()
  private var startsToken = [Bool](repeating: false, count: 256)
  private var rules: [Rule] = []

  var isEmpty: Bool { rules.isEmpty }

  /// Adds a token that is found where the text has `pattern`, which must not be empty. Of two
  /// equal patterns the first one counts; the result says whether this one does.
  mutating func add(_ pattern: [UInt8], _ token: AddedToken, id: Int32) -> Bool {
    precondition(!pattern.isEmpty, "AddedTokenMatcher: an empty pattern is everywhere")
    if trie[pattern] != nil { return false }
    trie.insert(pattern, value: Int32(rules.count))
    startsToken[Int(pattern[0])] = true
    rules.append(
      Rule(
        id: id, isSingleWord: token.isSingleWord, stripsLeft: token.stripsLeft,
        stripsRight: token.stripsRight))
    return true
  }

  /// Splits `bytes[range]` into added tokens and what stands between them, in order.
  func split(_ bytes: [UInt8], _ range: Range<Int>) -> [Piece] {
    if isEmpty { return [Piece(id: nil, range: range)] }
    var pieces: [Piece] = []
    var done = range.lowerBound
    var position = range.lowerBound
    while position < range.upperBound {
      guard startsToken[Int(bytes[position])],
        let match = trie.longestMatch(in: bytes, from: position, to: range.upperBound)
      else {
        position += 1
        continue
      }
      let found = position..<match.end
      position = match.end
      let rule = rules[Int(match.value)]
      if rule.isSingleWord, breaksWord(bytes, range, found) { continue }
      let taken = stripped(bytes, range, found, rule, after: done)
      // All of it was white space that the match before took along.
      if taken.isEmpty { continue }
      if done < taken.lowerBound { pieces.append(Piece(id: nil, range: done..<taken.lowerBound)) }
      pieces.append(Piece(id: rule.id, range: taken))
      done = taken.upperBound
    }
    if done < range.upperBound { pieces.append(Piece(id: nil, range: done..<range.upperBound)) }
    return pieces
  }

  private func breaksWord(_ bytes: [UInt8], _ text: Range<Int>, _ found: Range<Int>) -> Bool {
    let classes = ScalarClasses.shared
    if found.lowerBound > text.lowerBound,
      classes.isWord(bytes.scalar(before: found.lowerBound).value)
    {
      return true
    }
    return found.upperBound < text.upperBound
      && classes.isWord(bytes.scalar(at: found.upperBound).value)
  }

  /// The match with the white space it takes along, on the left not past the match before it.
  private func stripped(
    _ bytes: [UInt8], _ text: Range<Int>, _ found: Range<Int>, _ rule: Rule, after done: Int
  ) -> Range<Int> {
    let classes = ScalarClasses.shared
    var (start, end) = (found.lowerBound, found.upperBound)
    if rule.stripsLeft { start = max(start, done) }
    while rule.stripsLeft, start > done {
      let before = bytes.scalar(before: start)
      if !classes.isWhitespace(before.value) { break }
      start -= before.length
    }
    while rule.stripsRight, end < text.upperBound {
      let after = bytes.scalar(at: end)
      if !classes.isWhitespace(after.value) { break }
      end += after.length
    }
    return min(start, end)..<end
  }
}
