import Foundation
import Testing

@testable import Store

/// A folder of its own for one test, removed when released.
final class Scratch: Sendable {
  let url: URL
  /// Where the test's collection goes.
  var collection: URL { url.appendingPathComponent("c.freshet") }

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("store-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func store() throws -> Store { try Store.create(at: collection, now: noon) }
}

/// The tests' clock: fixed, with whole milliseconds.
let noon = Date(timeIntervalSince1970: 1_750_000_000.125)

/// The tests' vectors have this many columns.
let dimension = 3

func passage(_ id: String, _ text: String, title: String = "") -> PassageInput {
  PassageInput(id: id, title: title, text: text)
}

func encoder(_ fingerprint: String, dimension: Int = dimension) -> EncoderRecord {
  EncoderRecord(
    fingerprint: fingerprint, dimension: dimension, path: "encoders/\(fingerprint)",
    name: "encoder \(fingerprint)", createdAt: noon)
}

/// The names in a folder, sorted.
func names(in folder: URL) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
}

/// Expects a `StoreError` of this code whose message holds all of `words`, on one line.
func expectError(
  _ code: StoreError.Code, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) {
  do {
    _ = try body()
    Issue.record("nothing was thrown, not \(code)", sourceLocation: sourceLocation)
  } catch let error as StoreError {
    #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    for word in words {
      #expect(error.message.contains(word), "\(error)", sourceLocation: sourceLocation)
    }
    #expect(!error.message.contains("\n"), sourceLocation: sourceLocation)
  } catch {
    Issue.record("not a StoreError: \(error)", sourceLocation: sourceLocation)
  }
}

/// The places where a builder may die.
enum BuildStep: String, CaseIterable, Codable {
  case begun, fileBegun, fileNamed, halfRecorded, recorded, completed, activated
}

extension Store {
  /// Builds and activates a generation of all rows; row r's vector is (r, value, value).
  @discardableResult
  func build(
    encoder: String = "A", value: Float = 1, parent: Int? = nil, activate: Bool = true,
    at step: (BuildStep) throws -> Void = { _ in }
  ) throws -> Int {
    try register(StoreTests.encoder(encoder))
    let rows = try rowCount()
    let id = try beginGeneration(encoder: encoder, parent: parent, corrector: nil, now: noon)
    try step(.begun)
    let sha256 = try writeVectors(id, rows: rows, value: value, at: step)
    try step(.fileNamed)
    let records = try textHashes().map {
      EmbeddingRecord(row: $0.row, provenance: .encoded, predictedError: nil, textHash: $0.hash)
    }
    try appendEmbeddings(Array(records.prefix(records.count / 2)), generation: id)
    try step(.halfRecorded)
    try appendEmbeddings(Array(records.dropFirst(records.count / 2)), generation: id)
    try step(.recorded)
    try completeGeneration(id, rowCount: rows, vectorsSHA256: sha256)
    try step(.completed)
    if activate { try self.activate(id, now: noon) }
    try step(.activated)
    return id
  }

  private func writeVectors(
    _ id: Int, rows: Int, value: Float, at step: (BuildStep) throws -> Void
  ) throws -> String {
    let writer = try VectorFileWriter(
      path: VectorFiles.path(folder: folder, generation: id), columns: dimension)
    for row in 0..<rows { try writer.append([Float(row), value, value]) }
    try step(.fileBegun)
    return try writer.finish().sha256
  }
}
