import Foundation

/// Any JSON value, with integers kept apart from other numbers.
enum JSONValue: Codable, Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Swift.Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let array = try? value.decode([JSONValue].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Swift.Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The text of a JSON file: indented, ending in a line break, keys sorted.
  func text() throws -> Data { try encoded([.prettyPrinted]) + Data("\n".utf8) }

  /// The text in one line, keys sorted.
  func compactText() throws -> Data { try encoded([]) }

  private func encoded(_ formatting: JSONEncoder.OutputFormatting) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
    do {
      return try encoder.encode(self)
    } catch {
      throw EncoderError(.invalidArgument, "a value cannot be written as JSON: \(error)")
    }
  }

  /// The shortest decimal number that reads back as `value`.
  static func shortest(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? Double(value)) }

  /// The value as it may stand in a one-line message; containers are only named.
  var shown: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): "\"\(value.prefix(80))\""
    case .array: "a list"
    case .object: "an object"
    }
  }
}
