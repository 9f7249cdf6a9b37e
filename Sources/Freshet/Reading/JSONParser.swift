/// A strict parser of one JSON text (RFC 8259) that keeps the order of keys and where values stand.
///
/// Training data is read value by value at known places, which Foundation's parser cannot tell.
struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  /// Deeper than any data set nests; it bounds the stack.
  private static let maximumDepth = 64

  /// The value that all of `bytes` are.
  ///
  /// - Throws: `RowProblem` saying at which byte it is not JSON, or not UTF-8.
  static func parse(_ bytes: [UInt8]) throws(RowProblem) -> JSONNode {
    var parser = JSONParser(bytes: bytes)
    let node = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.problem("something follows the value")
    }
    return node
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func value(depth: Int) throws(RowProblem) -> JSONNode {
    guard depth < Self.maximumDepth else { throw problem("nested too deeply") }
    skipSpace()
    let start = position
    let value: JSONNode.Value
    switch peek {
    case UInt8(ascii: "{"): value = .object(try object(depth: depth))
    case UInt8(ascii: "["): value = .array(try array(depth: depth))
    case UInt8(ascii: "\""): value = .string(try string())
    case UInt8(ascii: "t"): value = try word("true", .bool(true))
    case UInt8(ascii: "f"): value = try word("false", .bool(false))
    case UInt8(ascii: "n"): value = try word("null", .null)
    case nil: throw problem("it ends too early")
    default: value = .number(try number())
    }
    return JSONNode(value: value, range: start..<position)
  }

  private mutating func object(depth: Int) throws(RowProblem) -> [(key: String, value: JSONNode)] {
    var members: [(key: String, value: JSONNode)] = []
    position += 1
    if skip(UInt8(ascii: "}")) { return members }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw problem("a key in quotes was expected") }
      let key = try string()
      guard skip(UInt8(ascii: ":")) else { throw problem("\":\" was expected") }
      members.append((key, try value(depth: depth + 1)))
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw problem("\",\" or \"}\" was expected") }
    return members
  }

  private mutating func array(depth: Int) throws(RowProblem) -> [JSONNode] {
    var elements: [JSONNode] = []
    position += 1
    if skip(UInt8(ascii: "]")) { return elements }
    repeat {
      elements.append(try value(depth: depth + 1))
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw problem("\",\" or \"]\" was expected") }
    return elements
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONNode.Value
  ) throws(RowProblem) -> JSONNode.Value {
    let expected = Array(word.description.utf8)
    guard bytes[position...].starts(with: expected) else { throw problem("not a value") }
    position += expected.count
    return value
  }

  /// -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
  private mutating func number() throws(RowProblem) -> String {
    let start = position
    if peek == UInt8(ascii: "-") { position += 1 }
    if peek == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits()
    }
    if peek == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(RowProblem) {
    let start = position
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    guard position > start else { throw problem("not a value") }
  }
}

// Strings.
extension JSONParser {
  /// The string that starts at the quote here.
  private mutating func string() throws(RowProblem) -> String {
    position += 1
    let start = position
    try skipPlain()
    if peek == UInt8(ascii: "\"") {
      position += 1
      return try text(bytes[start..<position - 1])
    }
    var unescaped: [UInt8] = []
    var plain = start
    while peek == UInt8(ascii: "\\") {
      unescaped += bytes[plain..<position]
      try appendEscaped(to: &unescaped)
      plain = position
      try skipPlain()
    }
    unescaped += bytes[plain..<position]
    position += 1
    return try text(unescaped[...])
  }

  /// Goes on to the next quote or backslash.
  private mutating func skipPlain() throws(RowProblem) {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
      guard byte >= 0x20 else { throw problem("a control character stands in a string") }
      position += 1
    }
    throw problem("a string does not end")
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(RowProblem) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw problem("a string that is not UTF-8 ends")
    }
    return text
  }

  private mutating func appendEscaped(to text: inout [UInt8]) throws(RowProblem) {
    position += 1
    guard let byte = peek else { throw problem("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): text += Array(String(Character(try escapedScalar())).utf8)
    default: throw problem("an unknown escape stands in a string")
    }
  }

  /// The character of `\uXXXX`, or of two of them that are a surrogate pair.
  private mutating func escapedScalar() throws(RowProblem) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, skip(word: "\\u") {
      let second = try hexadecimal()
      if (0xDC00..<0xE000).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw problem("half of a surrogate pair stands alone")
  }

  private mutating func hexadecimal() throws(RowProblem) -> UInt32 {
    let end = position + 4
    guard end <= bytes.count,
      bytes[position..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
    else { throw problem("\\u without four hexadecimal digits") }
    position = end
    return value
  }

  private mutating func skip(word: StaticString) -> Bool {
    let expected = Array(word.description.utf8)
    guard bytes[position...].starts(with: expected) else { return false }
    position += expected.count
    return true
  }
}

// Bytes.
extension JSONParser {
  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte.isJSONSpace { position += 1 }
  }

  /// Goes past white space and this byte, if it comes next.
  private mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private func problem(_ what: String) -> RowProblem {
    RowProblem("not valid JSON (\(what), at byte \(position + 1) of it)")
  }
}

extension UInt8 {
  /// Space, tab, line feed or carriage return.
  var isJSONSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}
