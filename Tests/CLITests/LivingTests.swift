import Foundation
import TestSupport
import Testing

/// Filters, pages, deletion and compaction by the command.
@Suite struct LivingCommandTests {
  let place: Workplace
  let c: String

  /// The corpus with metadata: n, and whether it is even.
  init() async throws {
    place = try Workplace()
    c = place.collection
    let lines = (0..<Workplace.count).map { i in
      #"{"_id":"p\#(i)","text":"\#(Workplace.text(i))","metadata":{"n":\#(i),"even":\#(i % 2 == 0)}}"#
    }
    try place.folder.write(lines.joined(separator: "\n") + "\n", to: "data/corpus.jsonl")
    try await place.encoded()
  }

  private func ids(_ arguments: String...) async throws -> [String] {
    let outcome = try await Command.run(["search", c, Workplace.text(4), "--json"] + arguments)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let hits = (value as? [String: Any])?["hits"] as? [[String: Any]]
    return try #require(hits).compactMap { $0["id"] as? String }
  }

  @Test func searchesAreNarrowedAndPaged() async throws {
    let all = try await ids("-k", "100", "--exact")
    #expect(all.count == 100 && all[0] == "p4")
    let odd = all.filter { Int($0.dropFirst())! % 2 == 1 }
    #expect(try await ids("-k", "7", "--filter", "even = false") == Array(odd.prefix(7)))
    #expect(
      try await ids("-k", "7", "--filter", "even = false", "--offset", "5") == Array(odd[5..<12]))
    #expect(try await ids("--filter", #"id in ("p9", "none")"#) == ["p9"])
    let good = try await ids("-k", "all", "--minimum-score", "0.9")
    #expect(!good.isEmpty && good.count < 100 && good == Array(all.prefix(good.count)))
    #expect(try await ids("--hybrid", "-k", "1") == ["p4"])
    let text = try await Command.ok("search", c, "river", "--filter", "n < 3", "--hybrid")
    #expect(text.lines.count == 3)
    try await Command.isWrongUsage(
      ["search", c, "x", "--filter", "n >> 3"], "--filter", "at character 4", "value")
  }

  @Test func aFileOfQueriesIsAnsweredLineByLine() async throws {
    let outcome = try await Command.ok("search", c, "--queries", place.queries, "-k", "2")
    #expect(outcome.lines.count == 20)
    for (i, line) in outcome.lines.enumerated() {
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      #expect(value?["id"] as? String == "q\(i)")
      #expect((value?["hits"] as? [Any])?.count == 2)
    }
  }

  @Test func whatIsDeletedIsGoneAndItsSpaceGivenBack() async throws {
    #expect(try await Command.json("delete", c, "p4", "p5", "none")["deleted"] as? Int == 2)
    #expect(try await ids("-k", "100", "--exact").count == 98)
    let gone = try place.folder.write("p6\np7\n\n", to: "gone.txt")
    #expect(try await Command.json("delete", c, "--ids", gone)["passages"] as? Int == 96)
    #expect(try await Command.json("delete", c, "--filter", "n >= 70")["deleted"] as? Int == 30)
    let status = try await Command.json("status", c)
    #expect(status["deleted"] as? Int == 34)
    #expect(status["suggestsCompaction"] as? Bool == true)
    #expect(try await Command.ok("status", c).output.contains("34 deleted, 34% of the rows"))
    let before = try await ids("-k", "100", "--exact")
    let size = try place.snapshot()["vectors/0.f32"]?.count ?? 0
    #expect(try await Command.json("compact", c)["removed"] as? Int == 34)
    #expect(try await ids("-k", "100", "--exact") == before)
    #expect(try place.snapshot()["vectors/1.f32"]?.count == size / 100 * 66)
    #expect(try await Command.ok("verify", c).lines.allSatisfy { $0.hasPrefix("ok") })
    #expect(try await Command.ok("compact", c).output.contains("nothing to do"))
    #expect(try await Command.json("status", c)["deleted"] as? Int == 0)
  }

  @Test func runsAreScoredAndCompared() async throws {
    let (dense, hybrid) = (place.path("dense.trec"), place.path("hybrid.trec"))
    let judged = ["--queries", place.queries, "--qrels", place.qrels]
    let perQuery = place.path("q.tsv")
    let searched = try await Command.run(
      ["eval", c, "--run", dense, "--tag", "mine", "--per-query", perQuery, "--json"] + judged)
    #expect(searched.status == 0, "\(searched.errors)")
    #expect(try String(contentsOfFile: dense, encoding: .utf8).contains(" mine\n"))
    #expect(try String(contentsOfFile: perQuery, encoding: .utf8).hasPrefix("query\tndcg@10\t"))
    let read = try await Command.json("eval", "--run-in", dense, "--qrels", place.qrels)
    let again = try JSONSerialization.jsonObject(with: Data(searched.output.utf8)) as? [String: Any]
    #expect(read["metrics"] as? [String: Double] == again?["metrics"] as? [String: Double])
    #expect(read["ruleSet"] as? String == "beir" && read["generation"] == nil)
    let chosen = try await Command.ok(
      "eval", "--run-in", dense, "--qrels", place.qrels, "--metrics", "success@1,map@9",
      "--rules", "sentence-transformers")
    #expect(chosen.lines.count == 4 && chosen.output.contains("rules of sentence-transformers"))
    try await Command.ok(
      "eval", c, "--queries", place.queries, "--qrels", place.qrels, "--hybrid", "--run", hybrid)
    let compared = try await Command.json(
      "compare", hybrid, dense, "--qrels", place.qrels, "--metrics", "mrr@10", "--samples", "200")
    let line = try #require((compared["metrics"] as? [[String: Any]])?.first)
    #expect(line["queries"] as? Int == 20)
    let p = try #require(line["pValue"] as? Double)
    #expect(p > 0 && p <= 1)
    // Each query's words stand in its own passage; of the other question no passage has an answer.
    let answers = try place.folder.write(
      #"{"_id":"q0","answers":["none","River"]}"# + "\n" + #"{"_id":"q1","answers":["zebra"]}"#,
      to: "answers.jsonl")
    let answered = try await Command.json(
      "eval", c, "--run-in", dense, "--qrels", place.qrels, "--answers", answers)
    #expect(
      answered["answerAccuracy"] as? [String: Double]
        == ["answer@1": 0.5, "answer@5": 0.5, "answer@20": 0.5, "answer@100": 0.5])
    let words = try await Command.ok(
      "eval", "--run-in", hybrid, "--qrels", place.qrels, "--compare", dense, "--samples", "50")
    #expect(words.output.contains("p (randomization)"))
    try await Command.fails(
      ["compare", place.path("none"), dense, "--qrels", place.qrels], "none", "no such file")
  }
}
