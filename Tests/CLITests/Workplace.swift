import Foundation
import Freshet
import TestSupport
import Testing

/// A folder with a small corpus, judged queries, two small encoders, and room for collections.
final class Workplace: Sendable {
  let folder: TemporaryFolder
  let encoderA = fixtures.appending(path: "training/encoder").path
  let encoderB: String

  init() throws {
    folder = try TemporaryFolder()
    encoderB = folder.path("encoder-b")
    try Self.disturb(encoderA, savingTo: encoderB)
    try writeData()
  }

  static let words = [
    "river", "stone", "cloud", "lamp", "bread", "green", "quiet", "early", "north", "music",
    "paper", "engine", "garden", "winter", "bridge", "letter", "silver", "orange", "window",
    "forest", "candle", "market", "island", "pepper",
  ]
  static let count = 100

  var collection: String { folder.path("c.freshet") }
  var data: String { folder.path("data") }
  var corpus: String { data + "/corpus.jsonl" }
  var queries: String { data + "/queries.jsonl" }
  var qrels: String { data + "/qrels/train.tsv" }
  func path(_ name: String) -> String { folder.path(name) }

  /// Passage i; all differ.
  static func text(_ i: Int) -> String {
    let n = words.count
    return [i % n, (i / n) % n, (i * 7 + 3) % n, (i * 5 + i / 7) % n].map { words[$0] }
      .joined(separator: " ")
  }

  private func writeData() throws {
    try FileManager.default.createDirectory(
      atPath: data + "/qrels", withIntermediateDirectories: true)
    let passages = (0..<Self.count).map { #"{"_id":"p\#($0)","text":"\#(Self.text($0))"}"# }
    let queries = (0..<20).map { i in
      let words = Self.text(i).split(separator: " ").prefix(3).joined(separator: " ")
      return #"{"_id":"q\#(i)","text":"\#(words)"}"#
    }
    let qrels = ["query-id\tcorpus-id\tscore"] + (0..<20).map { "q\($0)\tp\($0)\t1" }
    for (lines, name) in [
      (passages, "corpus.jsonl"), (queries, "queries.jsonl"), (qrels, "qrels/train.tsv"),
    ] {
      try folder.write(lines.joined(separator: "\n") + "\n", to: "data/" + name)
    }
  }

  /// Saves an encoder with noise on its weights.
  static func disturb(_ path: String, savingTo destination: String) throws {
    let encoder = try TextEncoder(folder: URL(fileURLWithPath: path))
    var parameters = encoder.model.parameters
    for i in parameters.values.indices {
      let value = parameters.values[i]
      let size = (value.sumOfSquares() / Double(max(value.count, 1))).squareRoot()
      parameters.values[i].add(
        .normal(value.rows, value.columns, seed: UInt64(i), scale: 0.2 * size))
    }
    try encoder.folder.write(
      to: URL(fileURLWithPath: destination), tensors: parameters.fileTensors(),
      modelCard: "disturbed")
  }

  /// Makes the collection, encoded by A, by the command.
  func encoded() async throws {
    try await Command.ok("add", collection, corpus)
    try await Command.ok("encode", collection, "--encoder", encoderA)
  }

  /// A copy of encoder A that a test may damage.
  func copyOfEncoder(_ name: String = "damaged") throws -> String {
    try FileManager.default.copyItem(atPath: encoderA, toPath: path(name))
    return path(name)
  }

  /// What the collection's folder holds, without the lock and SQLite's files.
  func snapshot() throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: collection)
    where !name.hasPrefix(".") && !name.hasPrefix("freshet.sqlite") {
      found[name] = FileManager.default.contents(atPath: collection + "/" + name) ?? Data()
    }
    return found
  }

  func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
