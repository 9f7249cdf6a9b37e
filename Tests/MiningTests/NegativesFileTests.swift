import Foundation
import Testing

@testable import Mining

@Suite("negatives files") struct NegativesFileTests {
  private let queries = [
    MiningQuery(id: "q\"1", embeddingRow: 0, textHash: "", positives: [0, 1]),
    MiningQuery(id: "none", embeddingRow: 1, textHash: "", positives: []),
    MiningQuery(id: "short", embeddingRow: 2, textHash: "", positives: [4]),
  ]
  private let result = MiningResult(
    queries: [
      MinedQuery(
        query: 0, positiveScores: [0.9, 0.8],
        negatives: [
          HardNegative(row: 2, rank: 1, score: 0.1), HardNegative(row: 3, rank: 4, score: -1e-5),
        ]),
      MinedQuery(query: 1, positiveScores: [], negatives: []),
      MinedQuery(query: 2, positiveScores: [1], negatives: []),
    ], report: MiningReport())

  private static let texts = [
    "plain", "tab\tquote\" back\\slash /", "two\nlines\r\u{2028}\u{85}", "naïve 中文 😀 \u{0}\u{1F}",
    "",
  ]

  private func writeNegatives(to file: URL) throws -> Int {
    try result.writeNegatives(
      to: file, queries: queries, generation: 3, queryText: { "text of \($0)" },
      passageID: { "p\($0)" }, provenance: { $0 == 2 ? "encoded" : "corrected" })
  }

  @Test("triplets have their columns in the order readers take them, and any text survives")
  func triplets() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("triplets.jsonl")
      let count = try result.writeTriplets(
        to: file, queries: queries, queryText: { "a \($0)" }, passageText: { Self.texts[$0] })
      let text = try String(contentsOf: file, encoding: .utf8)
      let lines = text.utf8.split(separator: UInt8(ascii: "\n"))
      #expect(count == 4 && lines.count == 4 && text.hasSuffix("}\n"))
      let pairs = [(0, 2), (0, 3), (1, 2), (1, 3)]
      for (line, (positive, negative)) in zip(lines, pairs) {
        let object = try JSONDecoder().decode([String: String].self, from: Data(line))
        #expect(
          object == [
            "anchor": "a 0", "positive": Self.texts[positive], "negative": Self.texts[negative],
          ])
        let keys = try ["\"anchor\":", "\"positive\":", "\"negative\":"].map {
          try #require(String(line)?.range(of: $0)).lowerBound
        }
        #expect(keys == keys.sorted())
      }
    }
  }

  @Test("records come back as they were written")
  func records() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("negatives.jsonl")
      #expect(try writeNegatives(to: file) == 2)
      #expect(
        try NegativesRecord.read(file) == [
          NegativesRecord(
            queryID: "q\"1", query: "text of 0", positiveIDs: ["p0", "p1"],
            negatives: [
              .init(id: "p2", rank: 1, score: 0.1, generation: 3, provenance: "encoded"),
              .init(id: "p3", rank: 4, score: -1e-5, generation: 3, provenance: "corrected"),
            ]),
          NegativesRecord(queryID: "short", query: "text of 2", positiveIDs: ["p4"], negatives: []),
        ])
      let first = try String(contentsOf: file, encoding: .utf8).prefix { $0 != "\n" }
      #expect(
        first == #"{"query_id":"q\"1","query":"text of 0","positive_ids":["p0","p1"],"#
          + #""negatives":[{"id":"p2","rank":1,"score":0.1,"generation":3,"provenance":"encoded"},"#
          + #"{"id":"p3","rank":4,"score":-1e-05,"generation":3,"provenance":"corrected"}]}"#)
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
        try result.writeTriplets(
          to: file, queries: queries, queryText: { _ in "a" },
          passageText: { if $0 == 1 { throw Lost() } else { return "t" } })
      }
      #expect(try String(contentsOf: file, encoding: .utf8) == "former\n")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["triplets.jsonl"])
      _ = try writeNegatives(to: file)
      #expect(try NegativesRecord.read(file).count == 2)
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
