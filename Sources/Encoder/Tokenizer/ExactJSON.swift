/// A JSON value whose strings are the bytes the file has.
///
/// A vocabulary cannot go through Foundation's reader: its dictionaries are keyed by `String`, and
/// there tokens that are canonically equivalent ("é" in one scalar and in two) are one key.
indirect enum ExactJSON {
  case null
  case boolean(Bool)
  case number(Double)
  case string([UInt8])
  case array([ExactJSON])
  /// Members in the order of the file, equal keys included; `offset` is where the key stands.
  case object([(key: [UInt8], value: ExactJSON, offset: Int)])

  /// The member of an object; of equal keys the last one. `nil` also when this is no object.
  subscript(key: String) -> ExactJSON? {
    guard case .object(let members) = self else { return nil }
    let bytes = Array(key.utf8)
    return members.last { $0.key == bytes }?.value
  }

  var text: String? {
    if case .string(let bytes) = self { String(decoding: bytes, as: UTF8.self) } else { nil }
  }

  var flag: Bool? { if case .boolean(let value) = self { value } else { nil } }

  var integer: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }

  var id: Int32? { integer.flatMap { $0 < 0 ? nil : Int32(exactly: $0) } }

  var elements: [ExactJSON]? { if case .array(let values) = self { values } else { nil } }

  var isNull: Bool { if case .null = self { true } else { false } }
}

/// Where and why bytes are not JSON.
struct ExactJSONError: Error, Equatable {
  var offset: Int
  var reason: String
}

extension ExactJSON {
  /// Reads a whole JSON text (RFC 8259), which must be valid UTF-8.
  ///
  /// - Throws: `ExactJSONError`.
  init(parsing bytes: [UInt8]) throws(ExactJSONError) {
    var parser = ExactJSONParser(bytes: bytes)
    self = try parser.parse()
  }
}

private struct ExactJSONParser {
  let bytes: [UInt8]
  var position = 0
  /// Nesting that is read; deeper texts are refused before they exhaust the stack.
  private static let deepest = 200

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func parse() throws(ExactJSONError) -> ExactJSON {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("text after the end of the value") }
    return value
  }

  private func error(_ reason: String) -> ExactJSONError {
    ExactJSONError(offset: position, reason: reason)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) throws(ExactJSONError) {
    guard next == UInt8(ascii: character) else { throw error("\"\(character)\" is missing here") }
    position += 1
  }

  private mutating func value(depth: Int) throws(ExactJSONError) -> ExactJSON {
    guard depth < Self.deepest else { throw error("nested more than \(Self.deepest) deep") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("the text ends too early")
    default: return try number()
    }
  }

  private mutating func word(
    _ word: String, _ value: ExactJSON
  ) throws(ExactJSONError) -> ExactJSON {
    guard bytes[position...].starts(with: word.utf8) else { throw error("not a JSON value") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(ExactJSONError) -> ExactJSON {
    let digits = bytes[position...].prefix { byte in
      switch byte {
      case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true  // digits, + - . E e
      default: false
      }
    }
    guard let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
      throw error("not a JSON value")
    }
    position += digits.count
    return .number(value)
  }

  private mutating func array(depth: Int) throws(ExactJSONError) -> ExactJSON {
    var values: [ExactJSON] = []
    position += 1
    skipSpace()
    while next != UInt8(ascii: "]") {
      if !values.isEmpty { try take(",") }
      values.append(try value(depth: depth + 1))
      skipSpace()
    }
    position += 1
    return .array(values)
  }

  private mutating func object(depth: Int) throws(ExactJSONError) -> ExactJSON {
    var members: [(key: [UInt8], value: ExactJSON, offset: Int)] = []
    position += 1
    skipSpace()
    while next != UInt8(ascii: "}") {
      if !members.isEmpty {
        try take(",")
        skipSpace()
      }
      let offset = position
      let key = try string()
      skipSpace()
      try take(":")
      members.append((key, try value(depth: depth + 1), offset))
      skipSpace()
    }
    position += 1
    return .object(members)
  }

  private mutating func string() throws(ExactJSONError) -> [UInt8] {
    try take("\"")
    var text: [UInt8] = []
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return text
      case UInt8(ascii: "\\"): text.append(scalar: try escape())
      case 0..<0x20: throw error("a control character in a string")
      default: text.append(byte)
      }
    }
    throw error("the text ends within a string")
  }

  private mutating func escape() throws(ExactJSONError) -> UInt32 {
    guard let byte = next else { throw error("the text ends within a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(byte)
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "u"): return try codeUnits()
    default: throw error("an escape JSON does not have")
    }
  }

  /// The scalar of `\uXXXX`, or of a pair of surrogates written so.
  private mutating func codeUnits() throws(ExactJSONError) -> UInt32 {
    let first = try hexadecimal()
    if !(0xD800...0xDFFF).contains(first) { return first }
    guard first < 0xDC00, bytes[position...].starts(with: "\\u".utf8) else {
      throw error("half a surrogate pair")
    }
    position += 2
    let second = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(second) else { throw error("half a surrogate pair") }
    return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
  }

  private mutating func hexadecimal() throws(ExactJSONError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, !digits.contains(where: { !Self.hexadecimalDigits.contains($0) }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("\\u without four hexadecimal digits") }
    position += 4
    return value
  }

  private static let hexadecimalDigits = Array("0123456789abcdefABCDEF".utf8)
}
