/// Where and why bytes are not JSON.
struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  /// Counted from 1.
  let line: Int
  /// In characters, counted from 1.
  let column: Int
  let expected: String

  var description: String { "line \(line), column \(column): expected \(expected)" }
}

/// Finds the first place where bytes break JSON's grammar (RFC 8259).
///
/// Foundation's decoder only says that data was not valid JSON, not where. This runs after it
/// refused, so it builds nothing and costs nothing on the way of good requests.
struct JSONSyntax {
  /// As deep as Foundation's decoder follows.
  static let maximumDepth = 512

  private let bytes: [UInt8]
  private var index = 0
  private var depth = 0

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The first error in `bytes`, or nil when they are one JSON value.
  static func firstError(in bytes: [UInt8]) -> JSONSyntaxError? {
    var syntax = JSONSyntax(bytes)
    do throws(JSONSyntaxError) {
      try syntax.value()
      syntax.skipSpace()
      guard syntax.index == bytes.count else { throw syntax.error("the end") }
      return nil
    } catch {
      return error
    }
  }
}

extension JSONSyntax {
  private mutating func value() throws(JSONSyntaxError) {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): try members()
    case UInt8(ascii: "["): try elements()
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "-"): try number()
    case let byte? where Self.isDigit(byte): try number()
    default: throw error("a value")
    }
  }

  private mutating func members() throws(JSONSyntaxError) {
    try list(from: "{", to: "}") { syntax throws(JSONSyntaxError) in
      syntax.skipSpace()
      guard syntax.next == UInt8(ascii: "\"") else { throw syntax.error("a key in quotes") }
      try syntax.string()
      syntax.skipSpace()
      guard syntax.take(":") else { throw syntax.error("':'") }
      try syntax.value()
    }
  }

  private mutating func elements() throws(JSONSyntaxError) {
    try list(from: "[", to: "]") { syntax throws(JSONSyntaxError) in try syntax.value() }
  }

  private mutating func list(
    from open: Unicode.Scalar, to close: Unicode.Scalar,
    _ item: (inout JSONSyntax) throws(JSONSyntaxError) -> Void
  ) throws(JSONSyntaxError) {
    guard depth < Self.maximumDepth else { throw error("less than \(depth) levels of nesting") }
    depth += 1
    defer { depth -= 1 }
    _ = take(open)
    skipSpace()
    if take(close) { return }
    while true {
      try item(&self)
      skipSpace()
      if take(close) { return }
      guard take(",") else { throw error("',' or '\(close)'") }
    }
  }
}

extension JSONSyntax {
  private mutating func string() throws(JSONSyntaxError) {
    _ = take("\"")
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        index += 1
        return
      case UInt8(ascii: "\\"): try escape()
      case 0..<0x20: throw error("no control character inside a string")
      default: index += 1
      }
    }
    throw error("'\"' at the end of the string")
  }

  private mutating func escape() throws(JSONSyntaxError) {
    index += 1
    guard take("u") else {
      guard let next, "\"\\/bfnrt".utf8.contains(next) else {
        throw error("one of \"\\/bfnrtu after a backslash")
      }
      index += 1
      return
    }
    for _ in 0..<4 {
      guard let next, "0123456789abcdefABCDEF".utf8.contains(next) else {
        throw error("four hexadecimal digits after \\u")
      }
      index += 1
    }
  }

  private mutating func number() throws(JSONSyntaxError) {
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
  }

  private mutating func digits() throws(JSONSyntaxError) {
    let start = index
    while let next, Self.isDigit(next) { index += 1 }
    guard index > start else { throw error("a digit") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func word(_ word: StaticString) throws(JSONSyntaxError) {
    let spelled = Array(word.description.utf8)
    guard bytes[index...].starts(with: spelled) else { throw error("'\(word)'") }
    index += spelled.count
  }
}

extension JSONSyntax {
  private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  private mutating func skipSpace() {
    while let next, [0x20, 0x09, 0x0A, 0x0D].contains(next) { index += 1 }
  }

  private func error(_ expected: String) -> JSONSyntaxError {
    let before = bytes[..<index]
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    return JSONSyntaxError(
      line: before.count { $0 == 0x0A } + 1,
      column: String(decoding: bytes[lineStart..<index], as: UTF8.self).count + 1,
      expected: expected)
  }
}
