import Foundation
import TestSupport
import Testing

@testable import Encoder

/// The model folders of Tests/Fixtures/folders, made by tools/fixtures/model_folders.py.
enum FolderFixtures {
  static func url(_ name: String) -> URL {
    fixtures.appending(path: "folders").appending(path: name)
  }

  /// The floats of a raw little-endian file.
  static func floats(_ name: String) throws -> [Float] {
    FloatStorage.float32.floats(try Data(contentsOf: url(name)))
  }
}

extension TemporaryFolder {
  /// A copy of a fixture that the test may change.
  func copy(of fixture: String, as name: String = "model") throws -> URL {
    let place = url.appending(path: name)
    try FileManager.default.copyItem(at: FolderFixtures.url(fixture), to: place)
    return place
  }

  /// Names of everything in the folder, hidden things too.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }
}

extension URL {
  /// Sets or, with nil, removes keys of the JSON object in a file of this folder.
  func edit(_ file: String, _ changes: [String: JSONValue?]) throws {
    let place = appending(path: file)
    var fields = try JSONObject(contentsOf: place).fields
    for (key, value) in changes { fields[key] = value }
    try JSONValue.object(fields).text().write(to: place)
  }

  /// Changes one module in modules.json.
  func editModule(_ number: Int, _ changes: [String: JSONValue]) throws {
    let place = appending(path: "modules.json")
    guard case .array(var modules) = try JSONObject.value(contentsOf: place),
      case .object(let fields) = modules[number]
    else { throw EncoderError(.invalidConfiguration, "not a list of modules") }
    modules[number] = .object(fields.merging(changes) { _, new in new })
    try JSONValue.array(modules).text().write(to: place)
  }

  func replace(_ file: String, by text: String) throws {
    try Data(text.utf8).write(to: appending(path: file))
  }

  func remove(_ file: String) throws {
    try FileManager.default.removeItem(at: appending(path: file))
  }
}

/// Runs `body`, which must throw an `EncoderError`, and hands it out.
@discardableResult
func encoderError(
  _ code: EncoderError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) throws -> EncoderError {
  let error = try #require(
    #expect(throws: EncoderError.self, sourceLocation: sourceLocation) { try body() },
    sourceLocation: sourceLocation)
  #expect(error.code == code, "\(error.message)", sourceLocation: sourceLocation)
  #expect(!error.message.contains("\n"), "one line is enough", sourceLocation: sourceLocation)
  return error
}
