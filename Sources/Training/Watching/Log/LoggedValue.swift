import Foundation

/// A value of a configuration as the log has it.
enum LoggedValue: Sendable, Codable, Equatable {
  case none
  case flag(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([LoggedValue])
  case object([String: LoggedValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .none
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let integer = try? value.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([LoggedValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: LoggedValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .none: try value.encodeNil()
    case .flag(let flag): try value.encode(flag)
    case .integer(let integer): try value.encode(integer)
    case .number(let number): try value.encode(number)
    case .text(let text): try value.encode(text)
    case .list(let list): try value.encode(list)
    case .object(let members): try value.encode(members)
    }
  }
}

extension TrainingConfiguration {
  /// Every value by name, in the order of their declarations; what is unset is `.none`.
  func loggedValues() throws -> [(name: String, value: LoggedValue)] {
    let text = try JSONEncoder.log.encode(self)
    let set = try JSONDecoder.log.decode([String: LoggedValue].self, from: text)
    let names = Self.loggedNames(of: self)
    let others = set.keys.filter { !names.contains($0) }.sorted()
    return (names + others).map { ($0, set[$0] ?? .none) }
  }

  /// The names of all values, in the order of their declarations.
  static func loggedNames(of configuration: Self) -> [String] {
    Mirror(reflecting: configuration).children.compactMap(\.label)
  }
}

extension JSONEncoder {
  /// How lines of the log are written.
  static let log: JSONEncoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .training
    return encoder
  }()
}

extension JSONDecoder {
  /// How lines of the log are read.
  static let log: JSONDecoder = {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .training
    return decoder
  }()
}
