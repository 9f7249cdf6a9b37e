import Foundation

/// The top-level object of a JSON file, asked for values of a known type.
///
/// A key that is absent or null answers nil; a value of the wrong type is an error that names file,
/// key and value. Keys nobody asks for are ignored.
struct JSONObject: Sendable, Equatable {
  /// Path for messages.
  let file: String
  let fields: [String: JSONValue]

  /// Reads `url`, which must exist.
  ///
  /// - Throws: `EncoderError` `.missingFile`, `.io` or `.damagedFile`.
  init(contentsOf url: URL) throws {
    let value = try JSONObject.value(contentsOf: url)
    guard case .object(let fields) = value else {
      throw EncoderError(
        .invalidConfiguration, "\(url.path) holds \(value.shown), a JSON object is needed")
    }
    self.init(file: url.path, fields: fields)
  }

  init(file: String, fields: [String: JSONValue]) {
    self.file = file
    self.fields = fields
  }

  /// Reads `url` when it exists, else nil.
  static func read(ifPresent url: URL) throws -> JSONObject? {
    FileManager.default.fileExists(atPath: url.path) ? try JSONObject(contentsOf: url) : nil
  }

  /// Any JSON value in a file.
  static func value(contentsOf url: URL) throws -> JSONValue {
    try decodeJSON(JSONValue.self, from: readFile(url), file: url.path)
  }

  /// A whole number of at least `minimum`.
  func integer(_ key: String, minimum: Int) throws -> Int? {
    guard let value = present(key) else { return nil }
    guard case .integer(let number) = value, number >= minimum else {
      throw wrong(key, value, "a whole number of at least \(minimum)")
    }
    return number
  }

  /// A number, whole or not.
  func number(_ key: String) throws -> Double? {
    switch present(key) {
    case nil: nil
    case .integer(let value): Double(value)
    case .number(let value): value
    case let value?: throw wrong(key, value, "a number")
    }
  }

  func string(_ key: String) throws -> String? {
    guard let value = present(key) else { return nil }
    guard case .string(let string) = value else { throw wrong(key, value, "a string") }
    return string
  }

  func bool(_ key: String) throws -> Bool? {
    guard let value = present(key) else { return nil }
    guard case .bool(let bool) = value else { throw wrong(key, value, "true or false") }
    return bool
  }

  func object(_ key: String) throws -> JSONObject? {
    guard let value = present(key) else { return nil }
    guard case .object(let fields) = value else { throw wrong(key, value, "an object") }
    return JSONObject(file: "\(file), \"\(key)\"", fields: fields)
  }

  func strings(_ key: String) throws -> [String]? {
    guard let value = present(key) else { return nil }
    guard case .array(let values) = value else { throw wrong(key, value, "a list of strings") }
    return try values.map {
      guard case .string(let string) = $0 else { throw wrong(key, $0, "a list of strings") }
      return string
    }
  }

  /// The value of `key`, when there is one that is not null.
  func present(_ key: String) -> JSONValue? {
    fields[key].flatMap { $0 == .null ? nil : $0 }
  }

  /// The error for a value of another type or range than `needed`.
  func wrong(_ key: String, _ value: JSONValue, _ needed: String) -> EncoderError {
    EncoderError(
      .invalidConfiguration, "\(file): \"\(key)\" is \(value.shown), \(needed) is needed")
  }
}
