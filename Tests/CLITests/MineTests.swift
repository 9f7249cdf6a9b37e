import Foundation
import Freshet
import TestSupport
import Testing

/// `freshet mine` as a command.
@Suite struct MineTests {
  private let place: Workplace
  init() throws { place = try Workplace() }

  private var judged: [String] { ["--queries", place.queries, "--qrels", place.qrels] }
  private var out: String { place.path("n.jsonl") }

  @Test(
    "options that do not go together are wrong usage",
    arguments: [
      ([], "either a collection or --vectors"),
      (["c", "--vectors", "v"], "either a collection or --vectors"),
      (["--vectors", "v", "--queries", "q"], "has its own"),
      (["--vectors", "v", "--generation", "1"], "has none"),
      (["--vectors", "v", "--bm25", "1"], "needs a collection"),
      (["c"], "'--queries <queries>'"),
      (["c", "--queries", "q", "--keep-answers"], "--keep-answers needs --answers"),
      (["c", "--queries", "q", "--cross-maximum-score", "1"], "need --cross-scores"),
      (["c", "--queries", "q", "--include-positives"], "labeled-pair, labeled-list, trec"),
      (["c", "--queries", "q", "--format", "dpr", "--scores"], "the format dpr takes none"),
      (["c", "--queries", "q", "--near-duplicate", "1.5"], "is a cosine up to 1"),
      (["c", "--queries", "q", "--shortage", "less"], "less"),
      (["c", "--queries", "q", "--batch", "0"], "--batch must be at least 1"),
    ])
  func wrongUsage(arguments: [String], words: String) async throws {
    try await Command.isWrongUsage(["mine"] + arguments + ["--qrels", "r", "--out", "o"], words)
  }

  @Test("a mixture says where each negative comes from, and training reads it")
  func mixture() async throws {
    try await place.encoded()
    let report = try await Command.json(
      "mine", place.collection, "--queries", place.queries, "--qrels", place.qrels, "--out", out,
      "--negatives", "3", "--bm25", "1", "--shortage", "fill-random")
    let records = try NegativesRecord.read(URL(fileURLWithPath: out))
    #expect(records.count == 20)
    for record in records {
      #expect(record.negatives.count == 4)
      #expect(record.negatives.prefix(3).allSatisfy { $0.source == .dense })
      #expect([.bm25, .random].contains(record.negatives[3].source))
    }
    #expect((report["sources"] as? [String: Int])?["dense"] == 60)
    #expect(((report["sources"] as? [String: Int])?["bm25"] ?? 0) > 0)
    #expect((report["peakBytes"] as? Int ?? 0) > 1 << 20)
    #expect(report["written"] as? Int == 20)
  }

  @Test("the report can be read, and what failed leaves nothing")
  func reportInWords() async throws {
    try await place.encoded()
    let answers = try place.folder.write(
      (0..<20).map { #"{"_id":"q\#($0)","answers":["river"]}"# }.joined(separator: "\n"),
      to: "answers.jsonl")
    let said = try await Command.ok(
      "mine", place.collection, "--queries", place.queries, "--qrels", place.qrels, "--out", out,
      "--answers", answers)
    for words in [
      "100 negatives for 20 queries written to ", "of candidates dropped: answer",
      "estimated false negatives (they hold an answer): 0.00% of those kept; ", "\nquery q0: ",
      "20 records in ", "positives ",
    ] {
      #expect(said.output.contains(words), "\(words) in \(said.output)")
    }
    let failed = place.path("failed.jsonl")
    try await Command.fails(
      ["mine", place.collection, "--out", failed, "--maximum-score=-2", "--shortage", "fail"]
        + judged, "query \"q0\": 0 of 5 negatives")
    #expect(!place.isThere(failed))
  }

  @Test("vectors of a folder are mined by the ids beside them")
  func vectors() async throws {
    let folder = place.path("vectors")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, texts, side) in [
      ("corpus", place.corpus, "passage"), ("queries", place.queries, "query"),
    ] {
      try FileManager.default.copyItem(atPath: texts, toPath: "\(folder)/\(name).jsonl")
      try await Command.ok(
        "embed", "--encoder", place.encoderA, "--texts", texts, "--as", side, "--out",
        "\(folder)/\(name).npy")
    }
    let report = try await Command.json(
      "mine", "--vectors", folder, "--qrels", place.qrels, "--out", out, "--format",
      "flag-embedding")
    #expect(report["negatives"] as? Int == 100)
    #expect(try String(contentsOfFile: out, encoding: .utf8).hasPrefix(#"{"query":"#))
    let fewer = try place.folder.write(
      "{\"_id\":\"q\",\"text\":\"t\"}\n", to: "vectors/queries.jsonl")
    try await Command.fails(
      ["mine", "--vectors", folder, "--qrels", place.qrels, "--out", out], fewer, "1 records",
      "20 rows")
  }
}
