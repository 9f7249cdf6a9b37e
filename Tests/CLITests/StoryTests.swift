import Foundation
import Freshet
import TestSupport
import Testing

/// The command's verbs in their usual order, and the keys of their JSON.
@Suite struct StoryTests {
  let place: Workplace
  init() throws { place = try Workplace() }

  /// Keys of an object, sorted.
  private func keys(_ value: Any?) throws -> [String] {
    try #require(value as? [String: Any]).keys.sorted()
  }

  private func objects(_ value: Any?) throws -> [[String: Any]] {
    try #require(value as? [[String: Any]])
  }

  @Test func theWholeStory() async throws {
    let c = place.collection
    let added = try await Command.json("add", c, place.corpus)
    #expect(added["added"] as? Int == 100)
    let status = try await Command.json("status", c)
    #expect(status["active"] as? Int == nil)
    #expect(status["pending"] as? Int == 100)
    let encoded = try await Command.json("encode", c, "--encoder", place.encoderA)
    #expect(encoded["generation"] as? Int == 0)
    #expect(encoded["newlyEncoded"] as? Int == 100)
    try await search(generation: 0, provenance: "encoded")
    try await evaluate(generation: 0)
    let mined = try await Command.json(
      "mine", c, "--queries", place.queries, "--qrels", place.qrels, "--out", place.path("n.jsonl"))
    #expect(mined["negatives"] as? Int == 100)
    try await train()
    let before = try await Command.ok("search", c, "river stone", "--json").output
    try await refresh()
    try await search(generation: 1, provenance: "corrected")
    let verify = try await Command.ok("verify", c)
    #expect(verify.lines.allSatisfy { $0.hasPrefix("ok ") })
    let back = try await Command.json("rollback", c)
    #expect(back["generation"] as? Int == 0)
    #expect(try await Command.ok("search", c, "river stone", "--json").output == before)
    try await Command.fails(["rollback", c], c, "no earlier generation")
  }

  private func search(generation: Int, provenance: String) async throws {
    let found = try await Command.json("search", place.collection, Workplace.text(4), "-k", "3")
    #expect(try keys(found) == ["encoder", "generation", "hits", "query"])
    #expect(found["generation"] as? Int == generation)
    #expect(found["query"] as? String == Workplace.text(4))
    let hits = try objects(found["hits"])
    #expect(hits.count == 3)
    for hit in hits {
      let error = provenance == "corrected" ? ["predictedError"] : []
      #expect(try keys(hit) == (["id"] + error + ["provenance", "score", "text", "title"]))
      #expect(hit["provenance"] as? String == provenance)
    }
    if provenance == "encoded" { #expect(hits[0]["id"] as? String == "p4") }
    let plain = try await Command.ok("search", place.collection, Workplace.text(4), "-k", "3")
    #expect(plain.lines.count == 3)
    #expect(plain.lines[0].contains(try #require(hits[0]["id"] as? String)))
  }

  private func evaluate(generation: Int) async throws {
    let run = place.path("out.trec")
    let report = try await Command.json(
      "eval", place.collection, "--queries", place.queries, "--qrels", place.qrels, "--run", run)
    #expect(try keys(report) == [
        "generation", "metrics", "queries", "ruleSet", "rules", "unansweredQueries",
      ])
    #expect(report["queries"] as? Int == 20)
    #expect(report["generation"] as? Int == generation)
    let names = try Set(keys(report["metrics"]))
    #expect(
      names.isSuperset(of: [
        "ndcg@10", "recall@1", "recall@5", "recall@20", "recall@100", "mrr@10", "map@100",
      ]), "\(names)")
    #expect(try keys(report["rules"]).contains("ties"))
    let lines = try String(contentsOfFile: run, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 20 * 100)
    #expect(lines.allSatisfy { $0.split(separator: " ").count == 6 })
  }

  private func train() async throws {
    let outcome = try await Command.ok(
      "train", "--data", place.data, "--from", place.encoderA, "--out", place.path("trained"),
      "--negatives", place.path("n.jsonl"), "--steps", "6", "--batch", "8", "--json")
    let last = try #require(outcome.lines.last)
    let report = try JSONSerialization.jsonObject(with: Data(last.utf8))
    #expect(try keys(report) == ["encoder", "loss", "pairs", "peakBytes", "seconds", "steps"])
    let values = try #require(report as? [String: Any])
    #expect(values["steps"] as? Int == 6)
    #expect(values["pairs"] as? Int == 48)
    #expect(try #require(values["peakBytes"] as? Int) > 1_000_000)
    let trained = try TextEncoder(folder: URL(fileURLWithPath: place.path("trained")))
    #expect(values["encoder"] as? String == trained.fingerprint)
  }

  private func refresh() async throws {
    let c = place.collection
    let before = try place.snapshot().filter { !$0.key.hasPrefix("partial") }
    let plan = try await Command.json(
      "refresh", c, "--encoder", place.encoderB, "--sample", "60", "--plan",
      "--queries", place.queries, "--qrels", place.qrels)
    #expect(try keys(plan) == ["advice", "chosen", "corrector", "judged", "plan"])
    #expect(try keys(plan["advice"]) == ["reason", "way"])
    #expect(try place.snapshot().filter { !$0.key.hasPrefix("partial") } == before)
    let ways = try objects(plan["plan"])
    #expect(ways.map { $0["way"] as? String } == ["keep", "correct", "hybrid", "re-encode"])
    for way in ways {
      #expect(try keys(way) == ["encodes", "quality", "seconds", "way"])
      for (_, values) in try #require(way["quality"] as? [String: [Double]]) {
        #expect(values.count == 3)
      }
    }
    #expect(try keys(plan["corrector"]).contains("kind"))
    #expect(plan["judged"] is [String: Any], "an object")
    let done = try await Command.json(
      "refresh", c, "--encoder", place.encoderB, "--sample", "60")
    #expect(try keys(done) == ["advice", "chosen", "corrector", "generation", "judged", "plan"])
    #expect(done["generation"] as? Int == 1)
    let status = try await Command.json("status", c)
    #expect(try keys(status) == [
        "active", "deadShare", "deleted", "encoders", "generations", "index", "passages",
        "pending", "suggestsCompaction",
      ])
    #expect(status["active"] as? Int == 1)
    #expect((status["index"] as? [String: Any])?["recipe"] as? String == "Flat")
    let generations = try objects(status["generations"])
    #expect(generations.map { $0["corrected"] as? Int } == [0, 100])
    for generation in generations {
      #expect(
        try keys(generation) == ["corrected", "createdAt", "encoded", "encoder", "id", "passages"])
      let made = try #require(generation["createdAt"] as? String)
      #expect(ISO8601DateFormatter().date(from: made) != nil)
    }
    #expect(try objects(status["encoders"]).count == 2)
    let canary = try await Command.json("status", c, "--canary", "20")["canary"]
    #expect(
      try keys(canary) == ["all", "corrected", "encoder", "generation", "isOwnEncoder"])
    let corrected = try #require((canary as? [String: Any])?["corrected"])
    #expect(try keys(corrected) == ["count", "drift", "predictedError"])
  }

  @Test func verbsSpeakPlainlyWithoutJSON() async throws {
    try await place.encoded()
    let c = place.collection
    let status = try await Command.ok("status", c)
    #expect(status.output.contains("100 passages"))
    #expect(status.output.contains("generation 0 is active: 100.0% encoded, 0.0% corrected"))
    #expect(!status.output.contains("drift"))
    let own = try await Command.ok("status", c, "--canary", "20")
    #expect(own.output.contains("the generation's own encoder") && own.output.contains("0.0000"))
    let drift = try await Command.ok("status", c, "--canary", "20", "--encoder", place.encoderB)
    #expect(drift.output.contains("another encoder") && drift.output.contains("20"))
    let plan = try await Command.ok(
      "refresh", c, "--encoder", place.encoderB, "--sample", "60", "--plan")
    for word in ["keep", "correct", "re-encode", "recovery", "advice: "] {
      #expect(plan.output.contains(word))
    }
    let eval = try await Command.ok("eval", c, "--queries", place.queries, "--qrels", place.qrels)
    #expect(eval.output.contains("ndcg@10"))
    let again = try await Command.ok("encode", c, "--encoder", place.encoderA)
    #expect(again.output.contains("0 encoded now"))
  }

  @Test func standardInputAndCompressedFilesAreRead() async throws {
    let c = place.collection
    let text = try String(contentsOfFile: place.corpus, encoding: .utf8)
    let outcome = try await Command.ok("add", c, "-", "--json", input: text)
    #expect(outcome.output.contains(#""added":100"#))
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
    gzip.arguments = ["-k", place.corpus]
    try gzip.run()
    gzip.waitUntilExit()
    let again = try await Command.json("add", c, place.corpus + ".gz")
    #expect(again["unchanged"] as? Int == 100)
  }

  @Test func tokenizeAnswersEachStringWithAnArray() async throws {
    let outcome = try await Command.ok(
      "tokenize", "--encoder", place.encoderA,
      input: "\"river stone\"\n\"\"\n\"nonsense \\u0072iver\"\n\"river river river river\"\n")
    let vocabulary = try String(contentsOfFile: place.encoderA + "/vocab.txt", encoding: .utf8)
      .split(separator: "\n").map(String.init)
    func id(_ token: String) -> Int { vocabulary.firstIndex(of: token) ?? -1 }
    let (cls, sep, unknown) = (id("[CLS]"), id("[SEP]"), id("[UNK]"))
    let (river, stone) = (id("river"), id("stone"))
    let expected = [
      [cls, river, stone, sep], [cls, sep], [cls, unknown, river, sep],
      [cls, river, river, river, river, sep],
    ]
    let arrays = try outcome.lines.map {
      try JSONDecoder().decode([Int].self, from: Data($0.utf8))
    }
    #expect(arrays == expected)
    let long = "\"" + String(repeating: "river ", count: 50) + "\"\n"
    let uncut = try await Command.ok("tokenize", "--encoder", place.encoderA, input: long)
    #expect(try JSONDecoder().decode([Int].self, from: Data(uncut.output.utf8)).count == 52)
    let cut = try await Command.ok(
      "tokenize", "--encoder", place.encoderA, "--max-length", "5", input: long)
    #expect(cut.output == "[\(cls),\(river),\(river),\(river),\(sep)]\n")
  }

  @Test(arguments: ["query", "passage"]) func embedWritesANumpyFile(role: String) async throws {
    let texts = (0..<5).map(Workplace.text)
    let file = try place.folder.write(
      texts.map { "\"\($0)\"" }.joined(separator: "\n"), to: "texts.jsonl")
    let out = place.path("vectors.npy")
    let report = try await Command.json(
      "embed", "--encoder", place.encoderA, "--texts", file, "--out", out, "--as", role)
    #expect(
      try keys(report) == ["dimension", "encoder", "seconds", "texts", "tokens", "truncated"])
    #expect(report["texts"] as? Int == 5)
    #expect(report["tokens"] as? Int == 30)
    let encoder = try TextEncoder(folder: URL(fileURLWithPath: place.encoderA))
    let expected = encoder.encode(texts, as: role == "query" ? .query : .passage).embeddings
    let data = try Data(contentsOf: URL(fileURLWithPath: out))
    let start = 10 + Int(data[8]) + Int(data[9]) << 8
    let header = String(decoding: data[10..<start], as: UTF8.self)
    #expect(header.contains("'descr': '<f4'") && header.contains("(5, 24)"), "\(header)")
    let floats = data[start...].withUnsafeBytes { bytes in
      (0..<120).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    #expect(data.count == start + 480)
    #expect(largestDifference(floats, expected.elements) < 1e-6)
  }

  @Test func aPlainFolderNeedsItsPooling() async throws {
    let folder = fixtures.appending(path: "folders/plain").path
    try await Command.fails(["tokenize", "--encoder", folder], folder, input: "\"a\"\n")
    let outcome = try await Command.run(
      ["tokenize", "--encoder", folder, "--pooling", "mean"], input: "\"a\"\n")
    #expect(outcome.status == 0)
    try await Command.isWrongUsage(
      ["tokenize", "--encoder", folder, "--pooling", "sum"], "\"sum\"")
  }
}
