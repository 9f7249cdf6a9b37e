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
    let bytes = Array(text.utf8)
    var literal: [UInt8] = [UInt8(ascii: "\"")]
    literal.reserveCapacity(bytes.count + bytes.count / 8 + 2)
    var i = 0
    while i < bytes.count {
      let (escape, length) = escape(bytes, at: i)
      if let escape { literal += escape.utf8 } else { literal.append(bytes[i]) }
      i += length
    }
    literal.append(UInt8(ascii: "\""))
    return String(decoding: literal, as: UTF8.self)
  }

  /// What stands for the bytes at a place, nil for the byte itself, and how many they are.
  private static func escape(_ bytes: [UInt8], at i: Int) -> (text: String?, length: Int) {
    switch bytes[i] {
    case UInt8(ascii: "\""): return ("\\\"", 1)
    case UInt8(ascii: "\\"): return ("\\\\", 1)
    case UInt8(ascii: "\n"): return ("\\n", 1)
    case UInt8(ascii: "\r"): return ("\\r", 1)
    case UInt8(ascii: "\t"): return ("\\t", 1)
    case 0..<0x20: return ("\\u" + padded(UInt32(bytes[i])), 1)
    // Legal in JSON, but line ends to some readers of lines.
    case 0xC2 where bytes[i...].starts(with: [0xC2, 0x85]): return ("\\u0085", 2)
    case 0xE2 where bytes[i...].starts(with: [0xE2, 0x80, 0xA8]): return ("\\u2028", 3)
    case 0xE2 where bytes[i...].starts(with: [0xE2, 0x80, 0xA9]): return ("\\u2029", 3)
    default: return (nil, 1)
    }
  }

  private static func padded(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
