internal import Foundation

/// Calls `body` with each token of a text, in lower case: `[\p{L}\p{N}\p{M}]+`, or one code point
/// that is neither separator nor control (`[^\p{Z}\p{C}]`), of the decomposed text.
func forEachAnswerToken(of text: String, _ body: (String) -> Void) {
  if text.utf8.allSatisfy({ $0 < 0x80 }) {
    forEachASCIIToken(of: text, body)
  } else {
    forEachUnicodeToken(of: text, body)
  }
}

private func forEachASCIIToken(of text: String, _ body: (String) -> Void) {
  var word: [UInt8] = []
  func end() {
    if word.isEmpty { return }
    body(String(decoding: word, as: UTF8.self))
    word.removeAll(keepingCapacity: true)
  }
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      word.append(byte)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      word.append(byte | 0x20)
    default:
      end()
      if byte > 0x20, byte < 0x7F { body(String(UnicodeScalar(byte))) }
    }
  }
  end()
}

private func forEachUnicodeToken(of text: String, _ body: (String) -> Void) {
  var word = String.UnicodeScalarView()
  func end() {
    if word.isEmpty { return }
    body(lowercased(word))
    word.removeAll(keepingCapacity: true)
  }
  for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars {
    switch AnswerScalar(scalar) {
    case .word: word.append(scalar)
    case .sign:
      end()
      body(lowercased(String.UnicodeScalarView([scalar])))
    case .none: end()
    }
  }
  end()
}

/// What a code point does in a text.
private enum AnswerScalar {
  case word, sign, none

  init(_ scalar: Unicode.Scalar) {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber, .nonspacingMark, .spacingMark, .enclosingMark:
      self = .word
    case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control, .format, .surrogate,
      .privateUse, .unassigned:
      self = .none
    default: self = .sign
    }
  }
}

/// Python's `str.lower()`: a capital sigma at the end of letters is ς, elsewhere σ (the Unicode
/// standard's Final_Sigma, section 3.13).
private func lowercased(_ word: String.UnicodeScalarView) -> String {
  let capitalSigma: Unicode.Scalar = "\u{3A3}"
  guard word.contains(capitalSigma) else { return String(word).lowercased() }
  /// Whether the next letter that is no mark has cases.
  func isCased(_ neighbours: some Sequence<Unicode.Scalar>) -> Bool {
    neighbours.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
  }
  var lower = ""
  for i in word.indices {
    let isFinal = word[i] == capitalSigma && isCased(word[..<i].reversed())
      && !isCased(word[word.index(after: i)...])
    lower += isFinal ? "ς" : word[i].properties.lowercaseMapping
  }
  return lower
}
