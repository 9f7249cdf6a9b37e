/// Cuts the text of a filter into its signs.
struct FilterScanner {
  /// One sign with its place in the text.
  struct Token: Equatable {
    enum Kind: Equatable {
      /// A word: a key, or one of the language's own.
      case word(String)
      /// A key in backquotes.
      case key(String)
      case value(PassageFilter.Value)
      /// A comparison, bracket, comma or dots.
      case sign(String)
      case end
    }
    var kind: Kind
    /// Characters before it.
    var place: Int
  }

  private let text: [Character]
  private var place = 0

  init(_ text: String) { self.text = Array(text) }

  /// All signs, the end last.
  mutating func tokens() throws(StoreError) -> [Token] {
    var tokens: [Token] = []
    repeat { tokens.append(try next()) } while tokens.last?.kind != .end
    return tokens
  }

  /// An error about a place of the text.
  func problem(_ what: String, at place: Int) -> StoreError {
    let rest = String(text[min(place, text.count)...].prefix(20))
    let near = rest.isEmpty ? "at its end" : "at character \(place + 1), near \"\(rest)\""
    return StoreError(.invalidArgument, "the filter is wrong \(near): \(what)")
  }

  private var current: Character? { place < text.count ? text[place] : nil }

  private mutating func next() throws(StoreError) -> Token {
    while current?.isWhitespace == true { place += 1 }
    let start = place
    guard let first = current else { return Token(kind: .end, place: start) }
    switch first {
    case "\"", "'": return Token(kind: .value(.text(try quoted(by: first))), place: start)
    case "`": return Token(kind: .key(try quoted(by: first)), place: start)
    case "0"..."9", "-", "+": return Token(kind: .value(try number()), place: start)
    case _ where Self.isWordCharacter(first): return Token(kind: .word(word()), place: start)
    default: return Token(kind: .sign(try sign()), place: start)
    }
  }

  private static func isWordCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private mutating func word() -> String {
    let start = place
    while let c = current, Self.isWordCharacter(c) || c == "-" { place += 1 }
    return String(text[start..<place])
  }

  /// A text between two `quote`s; a backslash takes the next character as it is, but `\n` and `\t`
  /// are those of C.
  private mutating func quoted(by quote: Character) throws(StoreError) -> String {
    let start = place
    place += 1
    var result = ""
    while let c = current, c != quote {
      place += 1
      guard c == "\\", quote != "`", let escaped = current else {
        result.append(c)
        continue
      }
      place += 1
      result.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
    }
    guard current != nil else { throw problem("the closing \(quote) is missing", at: start) }
    place += 1
    return result
  }

  /// A decimal number; two dots after it are not part of it.
  private mutating func number() throws(StoreError) -> PassageFilter.Value {
    let start = place
    if current == "-" || current == "+" { place += 1 }
    skipDigits()
    if current == ".", place + 1 < text.count, text[place + 1].isASCIIDigit {
      place += 1
      skipDigits()
    }
    if current == "e" || current == "E" {
      place += 1
      if current == "-" || current == "+" { place += 1 }
      skipDigits()
    }
    guard let number = Double(String(text[start..<place])), number.isFinite,
      current.map(Self.isWordCharacter) != true
    else { throw problem("this is no number; texts stand in quotes", at: start) }
    return .number(number)
  }

  private mutating func skipDigits() {
    while current?.isASCIIDigit == true { place += 1 }
  }

  private mutating func sign() throws(StoreError) -> String {
    for length in [2, 1] where place + length <= text.count {
      let sign = String(text[place..<place + length])
      if Self.signs.contains(sign) {
        place += length
        return sign
      }
    }
    throw problem("this character has no meaning here; texts stand in quotes", at: place)
  }

  private static let signs: Set<String> = [
    "=", "==", "!=", "<>", "<", "<=", ">", ">=", "(", ")", "[", "]", ",", "..", ".",
  ]
}

extension Character {
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
