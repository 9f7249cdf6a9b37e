import Foundation
import Testing

@testable import Mining

@Suite("negatives files") struct NegativesFileTests {
  private func writeNegatives(to file: URL) throws -> Int {
    try writeMined(to: file, format: .freshet, negatives: 2) { write in
      try write([sampleRecord])
      try write([recordWithoutNegatives])
    }
  }

  @Test("records come back as they were written")
  func records() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("negatives.jsonl")
      let count = try writeNegatives(to: file)
      #expect(count == 2)
      #expect(
        try NegativesRecord.read(file) == [
          NegativesRecord(
            queryID: "q\"1", query: "what \"is\" it?", positiveIDs: ["p0", "p1"],
            negatives: [
              .init(
                id: "p2", rank: 1, score: 0.5, generation: 3, provenance: "encoded",
                source: .dense, crossScore: 2.5),
              .init(
                id: "p3", rank: -1, score: -1e-5, generation: 3, provenance: "corrected",
                source: .random),
            ]),
          NegativesRecord(queryID: "short", query: "none", positiveIDs: ["p4"], negatives: []),
        ])
    }
  }

  /// Lines longer than the reader's chunk, ends at every kind of place, and a last line without
  /// end.
  @Test("lines of any length are read", arguments: [0, 1, 17, 65_400, 65_536, 200_000])
  func longLines(length: Int) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("long.jsonl")
      let records = (0..<3).map {
        NegativesRecord(
          queryID: "\($0)", query: String(repeating: "é", count: length), positiveIDs: [],
          negatives: [])
      }
      try Data(records.map(\.line).joined(separator: "\r\n\n").utf8).write(to: file)
      #expect(try NegativesRecord.read(file) == records)
    }
  }

  private static let good =
    #"{"query_id":"q","query":"t","positive_ids":["p"],"negatives":"#
    + #"[{"id":"n","rank":0,"score":1,"generation":0,"provenance":"encoded"}]}"#

  @Test(
    "a bad line is named with its file and number",
    arguments: [
      ("{\"query_id\":", "not a JSON object"),
      ("[1]", "not a JSON object"),
      ("not json", "not a JSON object"),
      (#"{"query_id":"q","query":"t","negatives":[]}"#, "the key \"positive_ids\" is missing"),
      (
        good.replacingOccurrences(of: "\"rank\":0", with: "\"rank\":\"0\""),
        "\"negatives[0].rank\" is not of type Int"
      ),
      (
        good.replacingOccurrences(of: "\"id\":\"n\"", with: "\"id\":null"),
        "\"negatives[0].id\" is null"
      ),
    ])
  func badLines(line: String, message: String) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("bad.jsonl")
      try Data("\(Self.good)\n\n\(line)\n\(Self.good)\n".utf8).write(to: file)
      var before = 0
      let error = try miningError { try NegativesRecord.forEach(in: file) { _ in before += 1 } }
      #expect(error == MiningError(.malformedRow, "\(file.path):3: \(message)"))
      #expect(before == 1)
    }
  }

  @Test("a failure half way leaves the former file and nothing beside it")
  func allOrNothing() throws {
    struct Lost: Error {}
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("triplets.jsonl")
      try Data("former\n".utf8).write(to: file)
      #expect(throws: Lost.self) {
        try writeMined(to: file, format: .triplets, negatives: 2) { write in
          for _ in 0..<1_000 { try write([sampleRecord]) }
          throw Lost()
        }
      }
      #expect(try String(contentsOf: file, encoding: .utf8) == "former\n")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["triplets.jsonl"])
      _ = try writeNegatives(to: file)
      #expect(try NegativesRecord.read(file).count == 2)
    }
  }

  @Test("files that do not name a source are read, too")
  func formerFiles() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("former.jsonl")
      try Data((Self.good + "\n").utf8).write(to: file)
      #expect(try NegativesRecord.read(file)[0].negatives[0].source == nil)
    }
  }

  @Test("places that cannot be written or read are named")
  func places() throws {
    let nowhere = try miningError {
      _ = try writeNegatives(to: URL(fileURLWithPath: "/nonexistent/n.jsonl"))
    }
    #expect(
      nowhere == MiningError(.io, "/nonexistent/n.jsonl: cannot be written: no such folder"))
    let missing = try miningError {
      _ = try NegativesRecord.read(URL(fileURLWithPath: "/nonexistent/n.jsonl"))
    }
    #expect(missing == MiningError(.io, "/nonexistent/n.jsonl: cannot be read: no such file"))
    try withTemporaryFolder { folder in
      let read = try miningError { _ = try NegativesRecord.read(folder) }
      #expect(read.message == "\(folder.path): cannot be read: Is a directory")
      let written = try miningError { _ = try writeNegatives(to: folder) }
      #expect(written.message == "\(folder.path): cannot be replaced: Is a directory")
    }
  }

  @Test("a full disk is said in the system's words")
  func fullDisk() throws {
    let full = URL(fileURLWithPath: "/dev/full")
    var writer = LineWriter(try FileHandle(forWritingTo: full), named: full)
    try writer.append("a line")
    let error = try miningError { try writer.finish() }
    #expect(error == MiningError(.io, "/dev/full: cannot be written: No space left on device"))
  }
}
