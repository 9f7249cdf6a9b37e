internal import NIOCore

/// Writes JSON straight into a byte buffer, keys in the order given.
///
/// Embeddings are hundreds of thousands of numbers per answer, and the search object has a fixed
/// order of keys; Foundation's encoder is slow at the one and unordered at the other.
struct JSONWriter {
  private(set) var buffer = ByteBuffer()
  private var needsComma = false

  /// A number JSON cannot say (NaN or infinite).
  struct UnwritableNumber: Error {}

  mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
    try nest(open: "{", close: "}", members)
  }

  mutating func array<S: Sequence>(
    _ elements: S, _ write: (inout JSONWriter, S.Element) throws -> Void
  ) rethrows {
    try nest(open: "[", close: "]") { json in
      for element in elements { try write(&json, element) }
    }
  }

  /// Writes a member's name; its value comes next.
  mutating func key(_ name: String) {
    separate()
    quote(name)
    buffer.writeStaticString(":")
    needsComma = false
  }

  mutating func string(_ value: String) {
    separate()
    quote(value)
  }

  mutating func integer(_ value: Int) {
    separate()
    buffer.writeString(value.description)
  }

  mutating func null() {
    separate()
    buffer.writeStaticString("null")
  }

  /// The shortest digits that read back as the same `Float`.
  mutating func float(_ value: Float) throws(UnwritableNumber) {
    guard value.isFinite else { throw UnwritableNumber() }
    separate()
    buffer.writeString(value.description)
  }

  mutating func double(_ value: Double) throws(UnwritableNumber) {
    guard value.isFinite else { throw UnwritableNumber() }
    separate()
    buffer.writeString(value.description)
  }

  private mutating func nest(
    open: StaticString, close: StaticString, _ body: (inout JSONWriter) throws -> Void
  ) rethrows {
    separate()
    buffer.writeStaticString(open)
    needsComma = false
    try body(&self)
    buffer.writeStaticString(close)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { buffer.writeStaticString(",") }
    needsComma = true
  }
}

extension JSONWriter {
  /// Writes `value` in quotes; only what JSON demands is escaped (RFC 8259 §7).
  private mutating func quote(_ value: String) {
    buffer.writeStaticString("\"")
    if value.utf8.contains(where: Self.mustBeEscaped) {
      for byte in value.utf8 { writeEscaping(byte) }
    } else {
      buffer.writeString(value)
    }
    buffer.writeStaticString("\"")
  }

  private static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func writeEscaping(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""): buffer.writeStaticString("\\\"")
    case UInt8(ascii: "\\"): buffer.writeStaticString("\\\\")
    case 0x0A: buffer.writeStaticString("\\n")
    case 0x0D: buffer.writeStaticString("\\r")
    case 0x09: buffer.writeStaticString("\\t")
    case 0..<0x20: writeControlEscape(byte)
    default: buffer.writeInteger(byte)
    }
  }

  private mutating func writeControlEscape(_ byte: UInt8) {
    let digits = Array("0123456789abcdef".utf8)
    buffer.writeStaticString("\\u00")
    buffer.writeInteger(digits[Int(byte >> 4)])
    buffer.writeInteger(digits[Int(byte & 0xF)])
  }
}
