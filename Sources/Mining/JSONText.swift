/// JSON written by hand, so that the order of keys is ours: readers of triplets take columns by
/// place.
enum JSONText {
  /// A JSON string literal; everything but quotes, backslashes and control characters stays as it
  /// is.
  static func string(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": literal += "\\\""
      case "\\": literal += "\\\\"
      case "\n": literal += "\\n"
      case "\r": literal += "\\r"
      case "\t": literal += "\\t"
      case "\u{0}"..<" ": literal += "\\u" + padded(scalar.value)
      // Legal in JSON, but line ends to some readers of lines.
      case "\u{85}", "\u{2028}", "\u{2029}": literal += "\\u" + padded(scalar.value)
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }

  static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

  static func object(_ members: [(key: String, value: String)]) -> String {
    "{" + members.map { "\(string($0.key)):\($0.value)" }.joined(separator: ",") + "}"
  }

  private static func padded(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
