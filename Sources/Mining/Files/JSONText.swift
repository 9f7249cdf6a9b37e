/// JSON written by hand, so that the order of keys is ours: readers of triplets take columns by
/// place.
package enum JSONText {
  /// A JSON string literal; everything but quotes, backslashes, control characters and the line
  /// ends of some readers (U+0085, U+2028, U+2029) stays as it is.
  package static func string(_ text: String) -> String {
    var text = text
    return text.withUTF8 { bytes in
      var literal: [UInt8] = [UInt8(ascii: "\"")]
      literal.reserveCapacity(bytes.count + bytes.count / 16 + 2)
      var (plain, i) = (0, 0)
      while i < bytes.count {
        guard mayNeedEscape(bytes[i]), let (escape, length) = escape(bytes[i...]) else {
          i += 1
          continue
        }
        literal += bytes[plain..<i]
        literal += escape.utf8
        i += length
        plain = i
      }
      literal += bytes[plain...]
      literal.append(UInt8(ascii: "\""))
      return String(decoding: literal, as: UTF8.self)
    }
  }

  static func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

  static func object(_ members: [(key: String, value: String)]) -> String {
    "{" + members.map { "\(string($0.key)):\($0.value)" }.joined(separator: ",") + "}"
  }

  private static func mayNeedEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0xC2
      || byte == 0xE2
  }

  /// What stands for the first of the bytes, and how many of them; nil where they stay.
  private static func escape(_ bytes: some Collection<UInt8>) -> (text: String, length: Int)? {
    switch bytes.first {
    case UInt8(ascii: "\""): ("\\\"", 1)
    case UInt8(ascii: "\\"): ("\\\\", 1)
    case UInt8(ascii: "\n"): ("\\n", 1)
    case UInt8(ascii: "\r"): ("\\r", 1)
    case UInt8(ascii: "\t"): ("\\t", 1)
    case let byte? where byte < 0x20: ("\\u" + padded(UInt32(byte)), 1)
    // Legal in JSON, but line ends to some readers of lines.
    case 0xC2 where bytes.starts(with: [0xC2, 0x85]): ("\\u0085", 2)
    case 0xE2 where bytes.starts(with: [0xE2, 0x80, 0xA8]): ("\\u2028", 3)
    case 0xE2 where bytes.starts(with: [0xE2, 0x80, 0xA9]): ("\\u2029", 3)
    default: nil
    }
  }

  private static func padded(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
