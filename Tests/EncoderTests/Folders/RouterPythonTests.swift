import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

/// A python3 with sentence-transformers, when the environment names one.
private let python = ProcessInfo.processInfo.environment["FRESHET_PYTHON"]

@Suite("new folders that Python reads", .serialized, .enabled(
  if: python != nil, "needs FRESHET_PYTHON: a python3 with sentence-transformers"))
struct RouterPythonTests {
  static let texts = ["fresh water", "the old stream of vectors, searching.", "a", "Unknown"]

  @Test("both roles answer as they do here", arguments: [
    ("legacy", .query), ("legacy", .passage), ("roberta", .query), ("head", .query),
    ("router", .query), ("router", .passage), ("router-shared", .passage),
  ] as [(String, TextRole)])
  func sameAnswers(name: String, role: TextRole) throws {
    let scratch = try TemporaryFolder()
    let place = scratch.url.appending(path: "new")
    _ = try RouterWritingTests.saved(name, at: place)
    try expectSameAnswers(place, as: role, in: scratch)
  }

  @Test("a new encoder loads without a word and answers as it does here")
  func newEncoder() throws {
    let scratch = try TemporaryFolder()
    let place = scratch.url.appending(path: "new")
    try EncoderFolder.writeRandom(
      EncoderShape(layers: 1, hidden: 16, heads: 2, intermediate: 32, maximumLength: 12),
      like: FolderFixtures.url("legacy"), seed: 3, to: place)
    let said = try expectSameAnswers(place, as: .passage, in: scratch)
    #expect(!said.contains("pooler") && !said.contains("MISSING"), "\(said)")
  }

  /// Asks Python, whose output is handed out.
  @discardableResult
  private func expectSameAnswers(
    _ place: URL, as role: TextRole, in scratch: TemporaryFolder
  ) throws -> String {
    let ours = try TextEncoder(folder: place).encode(Self.texts, as: role).embeddings
    try ours.writeNumPy(to: scratch.url.appending(path: "ours.npy"))
    try scratch.write(Self.texts.joined(separator: "\n") + "\n", to: "texts.txt")
    let root = fixtures.deletingLastPathComponent().deletingLastPathComponent()
    let check = Process()
    check.executableURL = URL(fileURLWithPath: try #require(python))
    check.arguments = [
      root.appending(path: "tools/check-saved-encoder").path, place.path,
      scratch.path("ours.npy"), "--texts", scratch.path("texts.txt"), "--as", role.rawValue,
      "--tolerance", "1e-6",
    ]
    let output = Pipe()
    check.standardOutput = output
    check.standardError = output
    try check.run()
    let text = String(
      decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    check.waitUntilExit()
    #expect(check.terminationStatus == 0, "\(text)")
    #expect(text.contains("largest difference"))
    return text
  }
}

extension Matrix {
  /// Writes a NumPy file of version 1.0.
  func writeNumPy(to file: URL) throws {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    let padding = (64 - (11 + text.utf8.count) % 64) % 64
    let header = text + String(repeating: " ", count: padding) + "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data += Data([UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)])
    try (data + Data(header.utf8) + FloatStorage.bytes(elements)).write(to: file)
  }
}
