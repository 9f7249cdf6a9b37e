import Foundation
import Freshet
import TestSupport
import Testing

/// Each kind of bad input: one line that names the file, status 1, and nothing lost or half
/// written.
@Suite struct BadInputTests {
  let place: Workplace
  init() throws { place = try Workplace() }

  @Test func aMissingModelFile() async throws {
    try await Command.ok("add", place.collection, place.corpus)
    let before = try place.snapshot()
    let encoder = try place.copyOfEncoder()
    try FileManager.default.removeItem(atPath: encoder + "/model.safetensors")
    try await Command.fails(
      ["encode", place.collection, "--encoder", encoder], encoder, "model.safetensors")
    try FileManager.default.removeItem(atPath: encoder + "/vocab.txt")
    try await Command.fails(["tokenize", "--encoder", encoder], encoder)
    try await Command.fails(
      ["tokenize", "--encoder", place.path("nowhere")], place.path("nowhere"))
    #expect(try place.snapshot() == before)
  }

  @Test(arguments: [0, 4, 100, 30_000]) func aTruncatedModelFile(length: Int) async throws {
    try await Command.ok("add", place.collection, place.corpus)
    let before = try place.snapshot()
    let weights = try place.copyOfEncoder() + "/model.safetensors"
    let data = try Data(contentsOf: URL(fileURLWithPath: weights))
    #expect(data.count > length)
    try data.prefix(length).write(to: URL(fileURLWithPath: weights))
    try await Command.fails(
      ["encode", place.collection, "--encoder", place.path("damaged")], weights)
    #expect(try place.snapshot() == before)
  }

  @Test func weightsThatHoldNaN() async throws {
    let weights = try place.copyOfEncoder() + "/model.safetensors"
    var data = try Data(contentsOf: URL(fileURLWithPath: weights))
    // Little-endian float32 NaN over the last tensors.
    for i in stride(from: data.count - 400, to: data.count, by: 4) {
      data.replaceSubrange(i..<i + 4, with: [0, 0, 0xC0, 0x7F])
    }
    try data.write(to: URL(fileURLWithPath: weights))
    try await Command.ok("add", place.collection, place.corpus)
    try await Command.fails(
      ["encode", place.collection, "--encoder", place.path("damaged")], weights, "nan")
    let status = try await Command.json("status", place.collection)
    #expect(status["active"] as? Int == nil)
    #expect((status["encoders"] as? [Any])?.isEmpty == true)
    #expect(try place.snapshot().values.allSatisfy(\.isEmpty), "nothing is half written")
    // The collection is as good as before.
    try await Command.ok("encode", place.collection, "--encoder", place.encoderA)
    let before = try await Command.ok("search", place.collection, "river", "--json").output
    try await Command.fails(
      ["refresh", place.collection, "--encoder", place.path("damaged"), "--sample", "60"], weights)
    #expect(try await Command.ok("search", place.collection, "river", "--json").output == before)
    try await Command.fails(
      [
        "embed", "--encoder", place.path("damaged"), "--texts", place.corpus, "--out",
        place.path("v.npy"),
      ], weights)
    #expect(!place.isThere(place.path("v.npy")))
  }

  /// Weights may be finite and so large that embeddings are not.
  @Test func embeddingsThatAreNotFinite() async throws {
    let huge = place.path("huge")
    let encoder = try TextEncoder(folder: URL(fileURLWithPath: place.encoderA))
    var parameters = encoder.model.parameters
    for i in parameters.values.indices { parameters.values[i].scale(by: 1e25) }
    try encoder.folder.write(
      to: URL(fileURLWithPath: huge), tensors: parameters.fileTensors(), modelCard: "huge")
    try await Command.ok("add", place.collection, place.corpus)
    try await Command.fails(
      ["encode", place.collection, "--encoder", huge], huge, "passage \"p0\"")
    #expect(try await Command.json("status", place.collection)["active"] as? Int == nil)
    let out = place.path("v.npy")
    try await Command.fails(
      ["embed", "--encoder", huge, "--texts", place.corpus, "--out", out], huge, "text 1")
    #expect(!place.isThere(out))
    try await Command.ok("encode", place.collection, "--encoder", place.encoderA)
    try await Command.fails(
      ["refresh", place.collection, "--encoder", huge, "--sample", "60"], huge)
    #expect(try await Command.json("status", place.collection)["active"] as? Int == 0)
  }

  @Test(arguments: [1, 2, 3, 57]) func malformedJSONOnALine(line: Int) async throws {
    var lines = try String(contentsOfFile: place.corpus, encoding: .utf8)
      .split(separator: "\n").map(String.init)
    lines[line - 1] = #"{"_id": "broken", "text": "#
    let file = try place.folder.write(lines.joined(separator: "\n"), to: "broken.jsonl")
    try await Command.ok("add", place.collection, place.corpus)
    let changed = lines.enumerated().map {
      $0 < line - 1 ? $1.replacingOccurrences(of: "river", with: "stone") : $1
    }
    try changed.joined(separator: "\n").write(toFile: file, atomically: false, encoding: .utf8)
    try await Command.fails(["add", place.collection, file], "\(file):\(line): ", "JSON")
    let status = try await Command.json("add", place.collection, place.corpus)
    #expect(status["unchanged"] as? Int == 100, "nothing of the broken file was taken")
    try await Command.fails(["add", place.collection, "-"], "standard input:1: ", input: "no\n")
    try await Command.fails(
      ["embed", "--encoder", place.encoderA, "--texts", file, "--out", place.path("v.npy")],
      "\(file):\(line): ")
    #expect(!place.isThere(place.path("v.npy")))
  }

  @Test func aDuplicateID() async throws {
    let file = try place.folder.write(
      "{\"_id\":\"a\",\"text\":\"x\"}\n{\"_id\":\"a\",\"text\":\"y\"}\n", to: "twice.jsonl")
    try await Command.fails(["add", place.collection, file], "\(file):2: ", "\"a\"")
    #expect(try await Command.json("add", place.collection, place.corpus)["added"] as? Int == 100)
  }

  @Test func anEmptyCorpus() async throws {
    let file = try place.folder.write("", to: "empty.jsonl")
    try await Command.fails(["add", place.collection, file], file, "no passage")
    try await Command.fails(["add", place.collection, place.path("none.jsonl")], "none.jsonl")
    try await Command.fails(
      ["encode", place.collection, "--encoder", place.encoderA], place.collection)
    let gzip = try place.folder.write("\u{1F}\u{8B}", to: "bad.jsonl.gz")
    try Data([0x1F, 0x8B, 8, 0, 1, 2, 3]).write(to: URL(fileURLWithPath: gzip))
    try await Command.fails(["add", place.collection, gzip], gzip)
  }

  @Test func noCollectionThere() async throws {
    let c = place.collection
    for arguments in [
      ["search", c, "river"], ["status", c], ["verify", c], ["rollback", c], ["serve", c],
      ["encode", c, "--encoder", place.encoderA],
      ["eval", c, "--queries", place.queries, "--qrels", place.qrels],
    ] {
      try await Command.fails(arguments, c, "not a Freshet collection")
    }
    #expect(!place.isThere(c))
    let file = try place.folder.write("mine", to: "file")
    try await Command.fails(["add", file, place.corpus], file)
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
  }

  @Test func aCollectionWithoutEmbeddings() async throws {
    try await Command.ok("add", place.collection, place.corpus)
    try await Command.fails(
      ["search", place.collection, "river"], place.collection, "freshet encode")
    try await Command.fails(
      ["refresh", place.collection, "--encoder", place.encoderB], place.collection)
  }

  @Test func anUnknownIDInQrels() async throws {
    try await place.encoded()
    let qrels = try place.folder.write(
      "query-id\tcorpus-id\tscore\nq0\tp0\t1\nq1\tnowhere\t1\n", to: "qrels.tsv")
    let judged = ["--queries", place.queries, "--qrels", qrels]
    let out = place.path("out.jsonl")
    for arguments in [
      ["eval", place.collection, "--run", out], ["mine", place.collection, "--out", out],
      ["refresh", place.collection, "--encoder", place.encoderB, "--plan", "--sample", "60"],
    ] {
      try await Command.fails(arguments + judged, "\(qrels):3: ", "\"nowhere\"")
    }
    #expect(!place.isThere(out))
    let bad = try place.folder.write("query-id\tcorpus-id\tscore\nq0\tp0\n", to: "bad.tsv")
    try await Command.fails(
      ["eval", place.collection, "--queries", place.queries, "--qrels", bad], "\(bad):2: ")
    try await Command.fails(
      ["eval", place.collection, "--queries", place.queries, "--qrels", place.path("none.tsv")],
      "none.tsv")
  }

  @Test func outputsThatCannotBeWritten() async throws {
    try await place.encoded()
    let out = place.path("no-folder/out")
    let judged = ["--queries", place.queries, "--qrels", place.qrels]
    try await Command.fails(["eval", place.collection, "--run", out] + judged, out)
    try await Command.fails(["mine", place.collection, "--out", out] + judged, out)
    try await Command.fails(
      ["embed", "--encoder", place.encoderA, "--texts", place.corpus, "--out", out],
      place.path("no-folder"))
    try await Command.fails(
      ["train", "--data", place.data, "--from", place.encoderA, "--out", place.encoderB],
      place.encoderB, "exists")
  }

  @Test func trainingDataThatCannotBeUsed() async throws {
    func train(_ more: String..., data: String? = nil) -> [String] {
      [
        "train", "--data", data ?? place.data, "--from", place.encoderA, "--out",
        place.path("out"), "--steps", "2",
      ] + more
    }
    try await Command.fails(train(data: place.path("none")), place.path("none"))
    try await Command.fails(train("--split", "dev"), "qrels/dev.tsv")
    try await Command.fails(train("--negatives", place.path("none.jsonl")), "none.jsonl")
    let unknown = try place.folder.write(
      #"{"query_id":"q1","query":"x","positive_ids":["p1"],"negatives":[{"id":"gone","rank":0,"#
        + #""score":1,"generation":0,"provenance":"encoded"}]}"#,
      to: "unknown.jsonl")
    try await Command.fails(train("--negatives", unknown), unknown, "\"gone\"")
    #expect(!place.isThere(place.path("out")))
    #expect(!place.isThere(place.path("out.training")))
  }

  @Test func aSecondWriter() async throws {
    try await place.encoded()
    let before = try place.snapshot()
    let url = URL(fileURLWithPath: place.collection)
    let writer = try PassageCollection.openForWriting(url)
    for arguments in [
      ["add", place.collection, place.corpus], ["rollback", place.collection],
      ["encode", place.collection, "--encoder", place.encoderA],
      ["refresh", place.collection, "--encoder", place.encoderB],
    ] {
      try await Command.fails(
        arguments, place.collection, "process \(ProcessInfo.processInfo.processIdentifier)")
    }
    try await Command.ok("search", place.collection, "river")
    try await Command.ok("status", place.collection)
    try await Command.ok("verify", place.collection)
    #expect(try place.snapshot() == before)
    withExtendedLifetime(writer) {}
  }

  @Test func aDamagedCollection() async throws {
    try await place.encoded()
    let vectors = place.collection + "/vectors/0.f32"
    var data = try Data(contentsOf: URL(fileURLWithPath: vectors))
    data[100] ^= 0xFF
    try data.write(to: URL(fileURLWithPath: vectors))
    let outcome = try await Command.run(["verify", place.collection])
    #expect(outcome.status == 1)
    #expect(outcome.lines.count { $0.hasPrefix("DAMAGED vectors/0.f32") } == 1, "\(outcome.output)")
    try FileManager.default.removeItem(atPath: vectors)
    try await Command.fails(["search", place.collection, "river"], vectors)
  }

  @Test func aDamagedIndexIsRebuiltWithANote() async throws {
    try await place.encoded()
    let before = try await Command.ok("search", place.collection, "river", "--json").output
    let index = place.collection + "/index/0.faiss"
    try Data("nonsense".utf8).write(to: URL(fileURLWithPath: index))
    let outcome = try await Command.ok("search", place.collection, "river", "--json")
    #expect(outcome.output == before)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errorLines.first?.contains(index) == true, "\(outcome.errors)")
  }

  @Test func anIncompatibleFormatIsRefusedByName() async throws {
    let encoder = try place.copyOfEncoder()
    let config = encoder + "/config.json"
    let text = try String(contentsOfFile: config, encoding: .utf8)
    try text.replacingOccurrences(of: "\"bert\"", with: "\"llama\"")
      .write(toFile: config, atomically: false, encoding: .utf8)
    try await Command.fails(["tokenize", "--encoder", encoder], config, "llama")
  }

  @Test func refreshesThatAreRefused() async throws {
    try await place.encoded()
    try await Command.fails(
      ["refresh", place.collection, "--encoder", place.encoderA], "nothing to refresh")
    try await Command.fails(
      [
        "refresh", place.collection, "--encoder", place.encoderB, "--sample", "60",
        "--min-recovery", "1",
      ], "recovery", "nothing was changed")
    let status = try await Command.json("status", place.collection)
    #expect(status["active"] as? Int == 0)
    try await Command.fails(
      ["refresh", place.collection, "--continue"], "no corrected embedding", "nothing to continue")
  }

  @Test func aRefreshGoesOnUntilNothingIsCorrected() async throws {
    try await place.encoded()
    _ = try await Command.json(
      "refresh", place.collection, "--encoder", place.encoderB, "--sample", "60")
    let step = try await Command.json("refresh", place.collection, "--continue", "--budget", "5")
    #expect(step.keys.sorted() == ["corrected", "encoded", "generation", "waiting"])
    #expect(step["encoded"] as? Int == 5)
    let last = try await Command.json("refresh", place.collection, "--continue")
    #expect(last["corrected"] as? Int == 0)
    let status = try await Command.json("status", place.collection)
    #expect(status["active"] as? Int == last["generation"] as? Int)
  }

  @Test func serveSaysWhatItCannotUse() async throws {
    try await place.encoded()
    let missing = place.path("keys")
    try await Command.fails(
      ["serve", place.collection, "--port", "0", "--api-key-file", missing], missing)
    let outcome = try await Command.run(
      ["serve", place.collection, "--port", "0", "--host", "203.0.113.7"])
    #expect(outcome.status == 1)
    #expect(outcome.errorLines.last?.hasPrefix("freshet: ") == true, "\(outcome.errors)")
    #expect(outcome.errorLines.last?.contains("203.0.113.7") == true, "\(outcome.errors)")
  }
}
