/// JSON written by hand, so that the order of keys is ours: readers of triplets take columns by
/// place.
enum JSONText {
  /// A JSON string literal; everything but quotes, backslashes, control characters and the line
  /// ends of some readers (U+0085, U+2028, U+2029) stays as it is.
  static func string(_ text: String) -> String {
    let plain = text.utf8.allSatisfy {
      $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 != 0xC2
        && $0 != 0xE2
    }
    return plain ? "\"" + text + "\"" : escaped(text)
  }

  static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

  static func object(_ members: [(key: String, value: String)]) -> String {
    "{" + members.map { "\(string($0.key)):\($0.value)" }.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String) -> String {
    var literal: [UInt8] = [UInt8(ascii: "\"")]
    literal.reserveCapacity(text.utf8.count + text.utf8.count / 8 + 2)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += Array("\\\"".utf8)
      case "\\": literal += Array("\\\\".utf8)
      case "\n": literal += Array("\\n".utf8)
      case "\r": literal += Array("\\r".utf8)
      case "\t": literal += Array("\\t".utf8)
      case "\u{0}"..<" ": literal += Array(("\\u" + padded(scalar.value)).utf8)
      // Legal in JSON, but line ends to some readers of lines.
      case "\u{85}", "\u{2028}", "\u{2029}":
        literal += Array(("\\u" + padded(scalar.value)).utf8)
      case " "..<"\u{80}": literal.append(UInt8(scalar.value))
      default: literal += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    literal.append(UInt8(ascii: "\""))
    return String(decoding: literal, as: UTF8.self)
  }

  private static func padded(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
