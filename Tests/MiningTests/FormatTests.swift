import Foundation
import TestSupport
import Testing

@testable import Mining

private let texts = [
  "plain", "tab\tquote\" back\\slash /", "two\nlines\r\u{2028}\u{85}", "naïve 中文 😀 \u{0}\u{1F}",
]

private func passage(
  _ row: Int, _ score: Float, _ provenance: String = "encoded"
) -> MinedRecord.Passage {
  MinedRecord.Passage(
    id: "p\(row)", title: row == 0 ? "A \"title\"" : "", text: texts[row % texts.count],
    score: score, provenance: provenance)
}

/// Two positives, the first with a title, a negative of the index and a random one.
let sampleRecord = MinedRecord(
  queryID: "q\"1", query: "what \"is\" it?", answers: ["42", "é\"é"], generation: 3,
  positives: [passage(0, 0.75), passage(1, 0.625)],
  negatives: [
    (passage(2, 0.5), HardNegative(row: 2, rank: 1, score: 0.5, crossScore: 2.5)),
    (
      passage(3, -1e-5, "corrected"),
      HardNegative(row: 3, rank: -1, score: -1e-5, source: .random)
    ),
  ])

let recordWithoutNegatives = MinedRecord(
  queryID: "short", query: "none", answers: [], generation: 3, positives: [passage(4, 1)],
  negatives: [])

/// Each format to the letter.
@Suite("formats") struct FormatTests {
  /// The sample and the record without negatives.
  private func written(
    _ format: NegativesFormat, scores: Bool = false, negatives: Int = 2,
    _ records: [MinedRecord] = [sampleRecord, recordWithoutNegatives]
  ) throws -> String {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("out")
      let count = try writeMined(to: file, format: format, scores: scores, negatives: negatives) {
        try $0(records)
      }
      let text = try String(contentsOf: file, encoding: .utf8)
      let lines = text.utf8.count { $0 == UInt8(ascii: "\n") }
      #expect(lines == (format == .dpr ? count + 2 : count))
      return text
    }
  }

  private static let anchor = #"{"anchor":"what \"is\" it?","#
  private static let p0 = #""A \"title\" plain""#
  private static let p1 = #""tab\tquote\" back\\slash /""#
  private static let p2 = #""two\nlines\r\u2028\u0085""#
  private static let p3 = #""naïve 中文 😀 \u0000\u001f""#

  @Test func freshet() throws {
    #expect(
      try written(.freshet)
        == #"{"query_id":"q\"1","query":"what \"is\" it?","positive_ids":["p0","p1"],"#
        + #""negatives":[{"id":"p2","rank":1,"score":0.5,"generation":3,"provenance":"encoded","#
        + #""source":"dense","cross_score":2.5},{"id":"p3","rank":-1,"score":-1e-05,"#
        + #""generation":3,"provenance":"corrected","source":"random"}]}"# + "\n"
        + #"{"query_id":"short","query":"none","positive_ids":["p4"],"negatives":[]}"# + "\n")
  }

  @Test(arguments: [false, true]) func triplets(scores: Bool) throws {
    func line(_ positive: String, _ negative: String, _ numbers: String) -> String {
      Self.anchor + "\"positive\":\(positive),\"negative\":\(negative)"
        + (scores ? ",\"scores\":[\(numbers)]}\n" : "}\n")
    }
    #expect(
      try written(.triplets, scores: scores)
        == line(Self.p0, Self.p2, "0.75,0.5") + line(Self.p0, Self.p3, "0.75,-1e-05")
        + line(Self.p1, Self.p2, "0.625,0.5") + line(Self.p1, Self.p3, "0.625,-1e-05"))
  }

  @Test(arguments: [false, true]) func tuples(scores: Bool) throws {
    func line(_ positive: String, _ numbers: String) -> String {
      Self.anchor + "\"positive\":\(positive),\"negative_1\":\(Self.p2),\"negative_2\":\(Self.p3)"
        + (scores ? ",\"scores\":[\(numbers),0.5,-1e-05]}\n" : "}\n")
    }
    #expect(
      try written(.tuples, scores: scores) == line(Self.p0, "0.75") + line(Self.p1, "0.625"))
    #expect(try written(.tuples, negatives: 3) == "", "the columns must be the same in every line")
  }

  @Test func labels() throws {
    #expect(
      try written(.labeledPairs, [sampleRecord])
        == Self.anchor + "\"passage\":\(Self.p0),\"label\":1}\n"
        + Self.anchor + "\"passage\":\(Self.p1),\"label\":1}\n"
        + Self.anchor + "\"passage\":\(Self.p2),\"label\":0}\n"
        + Self.anchor + "\"passage\":\(Self.p3),\"label\":0}\n")
    #expect(
      try written(.labeledLists)
        == Self.anchor + "\"passages\":[\(Self.p0),\(Self.p1),\(Self.p2),\(Self.p3)],"
        + "\"labels\":[1,1,0,0]}\n")
    #expect(
      try written(.labeledLists, scores: true).contains("\"scores\":[0.75,0.625,0.5,-1e-05]}"))
    #expect(
      try written(.labeledPairs, scores: true, [sampleRecord]).hasSuffix(
        "\"passage\":\(Self.p3),\"score\":-1e-05}\n"))
  }

  @Test("positives that were let through stand where they rank")
  func rankedPositives() throws {
    var record = sampleRecord
    record.negatives.append(
      (record.positives[0], HardNegative(row: 0, rank: 0, score: 0.75, isPositive: true)))
    record.negatives.reverse()
    #expect(
      try written(.labeledLists, [record])
        == Self.anchor + "\"passages\":[\(Self.p1),\(Self.p0),\(Self.p3),\(Self.p2)],"
        + "\"labels\":[1,1,0,0]}\n")
  }

  @Test(arguments: [false, true]) func flagEmbedding(scores: Bool) throws {
    #expect(
      try written(.flagEmbedding, scores: scores)
        == #"{"query":"what \"is\" it?","pos":["# + Self.p0 + "," + Self.p1 + "],\"neg\":["
        + Self.p2 + "," + Self.p3 + "]"
        + (scores ? ",\"pos_scores\":[0.75,0.625],\"neg_scores\":[0.5,-1e-05]}\n" : "}\n"))
  }

  @Test func tevatron() throws {
    #expect(
      try written(.tevatron)
        == #"{"query_id":"q\"1","query":"what \"is\" it?","positive_passages":[{"docid":"p0","#
        + #""title":"A \"title\"","text":"plain"},{"docid":"p1","title":"","text":"# + Self.p1
        + #"}],"negative_passages":[{"docid":"p2","title":"","text":"# + Self.p2
        + #"},{"docid":"p3","title":"","text":"# + Self.p3 + "}]}\n")
  }

  @Test func dpr() throws {
    #expect(
      try written(.dpr)
        == "[\n" + #"{"question":"what \"is\" it?","answers":["42","é\"é"],"positive_ctxs":["#
        + #"{"title":"A \"title\"","text":"plain","score":0.75,"passage_id":"p0"},"#
        + #"{"title":"","text":"# + Self.p1 + #","score":0.625,"passage_id":"p1"}],"#
        + #""negative_ctxs":[{"title":"","text":"# + Self.p3
        + #","score":-1e-05,"passage_id":"p3"}],"hard_negative_ctxs":[{"title":"","text":"#
        + Self.p2 + #","score":0.5,"passage_id":"p2"}]},"# + "\n"
        + #"{"question":"none","answers":[],"positive_ctxs":[{"title":"","text":"plain","#
        + #""score":1.0,"passage_id":"p4"}],"negative_ctxs":[],"hard_negative_ctxs":[]}"#
        + "\n]\n")
    #expect(try written(.dpr, []) == "[\n]\n")
  }

  @Test func trec() throws {
    var record = sampleRecord
    record.queryID = "q1"
    record.negatives.swapAt(0, 1)
    #expect(
      try written(.trec, [record]) == "q1 Q0 p2 1 0.5 freshet\nq1 Q0 p3 2 -1e-05 freshet\n")
    record.queryID = "q 1"
    let error = try miningError { _ = try written(.trec, [record]) }
    #expect(
      error.message
        == "a TREC run cannot hold the query id \"q 1\": it is empty or has white space")
  }

  @Test("pairs for a second scorer")
  func candidatePairs() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("pairs.jsonl")
      let count = try writeCandidatePairs(to: file) { write in
        try write("q", "a?", sampleRecord.positives)
      }
      #expect(count == 2)
      #expect(
        try String(contentsOf: file, encoding: .utf8)
          == #"{"query_id":"q","passage_id":"p0","query":"a?","passage":"# + Self.p0 + "}\n"
          + #"{"query_id":"q","passage_id":"p1","query":"a?","passage":"# + Self.p1 + "}\n")
    }
  }
}

/// Scores of a second scorer.
@Suite("score files") struct CrossScoreTests {
  private func read(_ text: String) throws -> CrossScores {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("scores")
      try Data(text.utf8).write(to: file)
      return try CrossScores(contentsOf: file)
    }
  }

  @Test(
    "both layouts are read",
    arguments: [
      "q 1\tp1\t0.5\r\nq 1\tp2\t-3e2\n\nq2\tp1\t1\n",
      "q1 Q0 p1 1 0.5 tag\nq1 Q0 p2 2 -3e2 tag\n\nq2\tQ0\tp1\t1\t1\ttag\n",
    ])
  func layouts(text: String) throws {
    let scores = try read(text)
    let first = text.hasPrefix("q 1") ? "q 1" : "q1"
    #expect(scores.count == 3)
    #expect(scores.score(query: first, passage: "p1") == 0.5)
    #expect(scores.score(query: first, passage: "p2") == -300)
    #expect(scores.score(query: "q2", passage: "p1") == 1)
    #expect(scores.score(query: "q2", passage: "p2") == nil)
    #expect(scores.score(query: "q2p", passage: "1") == nil)
  }

  @Test("many pairs are found again")
  func many() throws {
    let text = (0..<5_000).map { "q\($0 % 70)\tp\($0 / 70)\t\($0)\n" }.joined()
    let scores = try read(text)
    #expect((0..<5_000).allSatisfy {
      scores.score(query: "q\($0 % 70)", passage: "p\($0 / 70)") == Float($0)
    })
  }

  @Test(
    "a bad line is named",
    arguments: [
      ("q\tp\t1\nq\tp2\tx\n", ":2: \"x\" is not a finite score"),
      ("q\tp\t1\nq\tp2\n", ":2: 2 columns"), ("q Q0 p 1 nan t\n", ":1: \"nan\" is not a finite"),
      ("q\tp\t1\nr\tp\t1\nq\tp\t1\n", ":3: query \"q\" and passage \"p\" have a score already"),
      ("\n", ": holds no score"), ("q p\n", ":1: 2 columns"),
    ])
  func badLines(text: String, words: String) throws {
    let error = try miningError { _ = try read(text) }
    #expect(error.message.contains(words), "\(error)")
  }
}

@Suite("score distributions") struct DistributionTests {
  @Test(
    "quantiles of any scale, within 1/2000 of themselves", arguments: [1e-20, 1, 3e20] as [Float])
  func quantiles(scale: Float) throws {
    var sketch = ScoreSketch()
    for i in (0...1_000).reversed() { sketch.add((Float(i) - 300) * scale) }
    let found = try #require(sketch.distribution)
    #expect(found.count == 1_001 && found.minimum == -300 * scale && found.maximum == 700 * scale)
    for (value, expected) in [
      (found.lowest5, -250), (found.lowerQuartile, -50), (found.median, 200),
      (found.upperQuartile, 450), (found.highest5, 650), (found.mean, 200),
    ] as [(Float, Float)] {
      #expect(abs(value / scale - expected) <= abs(expected) / 2_000)
    }
    #expect(found.histogram.reduce(0, +) == 1_001)
    #expect(found.histogram.allSatisfy { (98...102).contains($0) })
  }

  @Test("one score, equal scores, zeros of both signs, none")
  func edges() throws {
    #expect(ScoreSketch().distribution == nil)
    var sketch = ScoreSketch()
    sketch.add(0.3)
    #expect(sketch.distribution?.median == 0.3 && sketch.distribution?.highest5 == 0.3)
    sketch.add(0.3)
    #expect(sketch.distribution?.histogram == [2, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    var zeros = ScoreSketch()
    for zero in [0, -0.0, 0] as [Float] { zeros.add(zero) }
    #expect(zeros.distribution?.median == 0 && zeros.distribution?.maximum == 0)
  }
}
