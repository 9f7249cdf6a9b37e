import Foundation
import Testing

/// Reads event files: a reader of its own, written from the formats' descriptions.
struct EventFileReader {
  struct Event: Equatable {
    var time = 0.0, step = 0
    var fileVersion: String?
    var status: Int?
    var scalars: [String: Float] = [:]
  }

  /// The events of a file; every checksum and length is tested.
  static func events(of file: URL) throws -> [Event] {
    var bytes = [UInt8](try Data(contentsOf: file))[...]
    var events: [Event] = []
    while !bytes.isEmpty {
      let length = Int(try number(&bytes, bytes: 8, checked: true))
      let contents = try take(&bytes, length)
      try #require(number(&bytes, bytes: 4) == UInt64(mask(slowCRC(contents))))
      events.append(try event(contents))
    }
    return events
  }

  private static func event(_ contents: ArraySlice<UInt8>) throws -> Event {
    var event = Event()
    for (field, value) in try fields(contents) {
      switch (field, value) {
      case (1, .bits64(let bits)): event.time = Double(bitPattern: bits)
      case (2, .varint(let step)): event.step = Int(step)
      case (3, .bytes(let text)): event.fileVersion = String(decoding: text, as: UTF8.self)
      case (5, .bytes(let summary)): event.scalars = try scalars(summary)
      case (7, .bytes(let log)):
        guard case (1, .varint(let status))? = try fields(log).first else { continue }
        event.status = Int(status)
      default: Issue.record("field \(field) is not one of an event")
      }
    }
    return event
  }

  private static func scalars(_ summary: ArraySlice<UInt8>) throws -> [String: Float] {
    var scalars: [String: Float] = [:]
    for case (1, .bytes(let value)) in try fields(summary) {
      let parts = try fields(value)
      guard parts.count == 2, case (1, .bytes(let tag)) = parts[0],
        case (2, .bits32(let bits)) = parts[1]
      else {
        Issue.record("a value has other fields: \(parts)")
        continue
      }
      scalars[String(decoding: tag, as: UTF8.self)] = Float(bitPattern: bits)
    }
    return scalars
  }

  private enum Value {
    case varint(UInt64), bits64(UInt64), bits32(UInt32), bytes(ArraySlice<UInt8>)
  }

  private static func fields(_ message: ArraySlice<UInt8>) throws -> [(Int, Value)] {
    var (left, found) = (message, [(Int, Value)]())
    while !left.isEmpty {
      let key = try varint(&left)
      let value: Value =
        switch key & 7 {
        case 0: .varint(try varint(&left))
        case 1: .bits64(try number(&left, bytes: 8))
        case 2: .bytes(try take(&left, Int(try varint(&left))))
        case 5: .bits32(UInt32(try number(&left, bytes: 4)))
        default: throw Broken()
        }
      found.append((Int(key >> 3), value))
    }
    return found
  }

  struct Broken: Error {}

  private static func take(
    _ bytes: inout ArraySlice<UInt8>, _ count: Int
  ) throws -> ArraySlice<UInt8> {
    guard count <= bytes.count else { throw Broken() }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  private static func number(
    _ bytes: inout ArraySlice<UInt8>, bytes count: Int, checked: Bool = false
  ) throws -> UInt64 {
    let taken = try take(&bytes, count)
    if checked { try #require(number(&bytes, bytes: 4) == UInt64(mask(slowCRC(taken)))) }
    return taken.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) throws -> UInt64 {
    var (value, shift) = (UInt64(0), UInt64(0))
    while true {
      let byte = try number(&bytes, bytes: 1)
      value |= (byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  /// CRC-32C one bit at a time.
  private static func slowCRC(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      for bit in 0..<8 {
        let carry = (sum ^ UInt32(byte) >> bit) & 1
        sum = sum >> 1 ^ (carry == 1 ? 0x82F6_3B78 : 0)
      }
    }
    return ~sum
  }

  private static func mask(_ sum: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: UInt64(sum >> 15 | sum << 17) + 0xA282_EAD8)
  }
}
