/// The bytes of a protobuf message, field after field (protobuf.dev/programming-guides/encoding).
///
/// Only what event files need: a field whose value is its type's zero is written, too.
struct ProtobufMessage: Equatable {
  private(set) var bytes: [UInt8] = []

  /// How a field's value is laid out.
  private enum Wire: UInt64 {
    case varint = 0, fixed64 = 1, lengthDelimited = 2, fixed32 = 5
  }

  mutating func add(_ field: Int, _ value: Double) {
    begin(field, .fixed64)
    add(littleEndian: value.bitPattern)
  }

  mutating func add(_ field: Int, _ value: Float) {
    begin(field, .fixed32)
    add(littleEndian: value.bitPattern)
  }

  /// An `int64`, or the number of an enumeration's case.
  mutating func add(_ field: Int, _ value: Int) {
    begin(field, .varint)
    add(varint: UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ text: String) {
    add(field, lengthDelimited: Array(text.utf8))
  }

  mutating func add(_ field: Int, _ message: ProtobufMessage) {
    add(field, lengthDelimited: message.bytes)
  }

  private mutating func add(_ field: Int, lengthDelimited contents: [UInt8]) {
    begin(field, .lengthDelimited)
    add(varint: UInt64(contents.count))
    bytes += contents
  }

  private mutating func begin(_ field: Int, _ wire: Wire) {
    add(varint: UInt64(field) << 3 | wire.rawValue)
  }

  /// Seven bits a byte, the lowest first; the eighth says that more follow.
  private mutating func add(varint value: UInt64) {
    var left = value
    while left >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: left) | 0x80)
      left >>= 7
    }
    bytes.append(UInt8(left))
  }

  private mutating func add(littleEndian value: some FixedWidthInteger) {
    bytes += value.littleEndianBytes
  }
}

extension FixedWidthInteger {
  /// The number's bytes, the lowest first.
  var littleEndianBytes: [UInt8] {
    stride(from: 0, to: Self.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: self >> $0) }
  }
}
