import Foundation
import Freshet
import TestSupport
import Testing

/// What mining may be told, and what it leaves behind when it fails.
@Suite struct MiningOptionsTests {
  let world: World
  let toy: ToyRetrieval
  init() throws {
    world = try World()
    toy = try ToyRetrieval(in: world.folder, passages: 80)
  }

  private func collection() throws -> PassageCollection { try toy.collection(in: world) }

  private var out: URL { world.folder.url.appending(path: "out.jsonl") }

  private func mined(
    _ collection: PassageCollection, _ set: (inout MiningOptions) throws -> Void
  ) throws -> (report: MiningReport, records: [NegativesRecord]) {
    var options = MiningOptions()
    try set(&options)
    let report = try collection.mine(try toy.judged(), options: options, to: out)
    return (report, try NegativesRecord.read(out))
  }

  @Test func aPassageWithATitleIsTheQueryWhenItsTextIs() throws {
    let collection = try collection()
    try collection.add([Passage(id: "own", title: "river", text: toy.queries[1].text)])
    try collection.encode(with: world.a)
    let (_, records) = try mined(collection) {
      $0.rules.rankRange = 0..<81
      $0.rules.negativesPerQuery = 81
    }
    for record in records {
      #expect(record.negatives.map(\.id).contains("own") == (record.queryID != "q1"))
    }
  }

  @Test func answersAreDroppedOrCounted() throws {
    // The answer to every query is the first word of passage 40.
    let word = toy.passages[40].text.split(separator: " ")[0]
    let file = try world.folder.write(
      toy.queries.map { #"{"query_id":"\#($0.id)","answers":["\#(word)"]}"# }
        .joined(separator: "\n"), to: "answers.jsonl")
    let holders = toy.passages.filter { $0.text.split(separator: " ").contains(word) }
    let holding = Set(holders.map(\.id))
    let collection = try collection()
    let dropped = try mined(collection) { $0.answers = try QueryAnswers(path: file) }
    #expect(holding.isDisjoint(with: dropped.records.flatMap { $0.negatives.map(\.id) }))
    #expect(dropped.report.falseNegativeRate == 0)
    #expect((dropped.report.removed[.answer] ?? 0) > 0)
    let counted = try mined(collection) {
      $0.answers = try QueryAnswers(path: file)
      $0.rules.dropsAnswers = false
    }
    let negatives = counted.records.flatMap { $0.negatives.map(\.id) }
    let held = negatives.count { holding.contains($0) }
    #expect(held > 0 && counted.report.answers?.keptMatched == held)
    #expect(counted.report.falseNegativeRate == Double(held) / Double(negatives.count))
  }

  @Test func candidatesGoToASecondScorerAndItsScoresComeBack() throws {
    struct Pair: Decodable { let query_id, passage_id, query, passage: String }
    let pairs = world.folder.url.appending(path: "pairs.jsonl")
    let collection = try collection()
    let first = try mined(collection) {
      $0.candidates = pairs
      $0.rules.rankRange = 0..<20
    }
    let lines = try String(contentsOf: pairs, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Pair.self, from: Data($0.utf8))
    }
    // The second scorer loves positives and odd passages.
    let texts = Dictionary(uniqueKeysWithValues: toy.passages.map { ($0.id, $0.text) })
    var scores = ""
    for pair in lines {
      #expect(pair.passage == texts[pair.passage_id])
      let isPositive = toy.relevant[pair.query_id]?.contains(pair.passage_id) == true
      let isOdd = (Int(pair.passage_id.dropFirst()) ?? 0) % 2 == 1
      scores += "\(pair.query_id)\t\(pair.passage_id)\t\(isPositive || isOdd ? 5 : -5)\n"
    }
    let written = Set(lines.map { "\($0.query_id) \($0.passage_id)" })
    #expect(written.count == lines.count)
    for record in first.records {
      for id in record.positiveIDs + record.negatives.map(\.id) {
        #expect(written.contains("\(record.queryID) \(id)"))
      }
    }
    let file = URL(fileURLWithPath: try world.folder.write(scores, to: "scores.tsv"))
    let second = try mined(collection) {
      $0.crossScores = try CrossScores(contentsOf: file)
      $0.rules.rankRange = 0..<20
      $0.rules.cross.absoluteMargin = 1
    }
    let negatives = second.records.flatMap(\.negatives)
    #expect(!negatives.isEmpty)
    #expect(negatives.allSatisfy { $0.crossScore == -5 })
    #expect((second.report.removed[.crossAbsoluteMargin] ?? 0) > 0)
  }

  @Test func anOlderGenerationCanBeMined() throws {
    let collection = try collection()
    let before = try mined(collection) { $0.search.exact = true }.records
    try collection.refresh(to: world.b, options: quickRefresh)
    #expect(try mined(collection) { _ in }.records != before)
    #expect(try mined(collection) { $0.generation = 0 }.records == before)
    #expect(try mined(collection) { $0.generation = 1 }.records[0].negatives[0].generation == 1)
    freshetError(.badInput, "there is no generation 7; there are: 0, 1") {
      _ = try mined(collection) { $0.generation = 7 }
    }
  }

  @Test func reportsShowExamplesToRead() throws {
    let (report, records) = try mined(try collection()) {
      $0.examples = 3
      $0.rules.absoluteMargin = 0.001
    }
    let negatives = Dictionary(uniqueKeysWithValues: records.map { ($0.queryID, $0.negatives) })
    #expect(report.examples.map(\.query) == ["q0", "q10", "q20"])
    let texts = Dictionary(uniqueKeysWithValues: toy.passages.map { ($0.id, $0.text) })
    for example in report.examples {
      #expect(example.text == toy.queries.first { $0.id == example.query }?.text)
      #expect(example.positives.compactMap(\.id) == toy.relevant[example.query])
      #expect(example.kept.map(\.id) == negatives[example.query]?.map(\.id))
      for passage in example.positives + example.kept + example.removed {
        #expect(passage.text == texts[passage.id ?? ""])
      }
      #expect(example.removed.allSatisfy { $0.rule != nil && $0.rule != .positive })
    }
    #expect(report.written == 30)
    #expect(report.ground?.hasPrefix("generation 0, 80 rows") == true)
  }

  @Test func stoppingLeavesTheFormerFile() throws {
    try world.folder.write("former", to: "out.jsonl")
    let collection = try collection()
    var options = MiningOptions()
    options.batch = 10
    options.candidates = world.folder.url.appending(path: "pairs.jsonl")
    let stop = Stop(after: 1)
    freshetError(.interrupted, "nothing was written") {
      _ = try collection.mine(
        try toy.judged(), options: options, to: out, shouldStop: stop.check)
    }
    #expect(try String(contentsOf: out, encoding: .utf8) == "former")
    let names = try FileManager.default.contentsOfDirectory(atPath: world.folder.url.path)
    #expect(!names.contains { $0.contains("partial") || $0 == "pairs.jsonl" })
  }

  @Test func optionsThatDoNotGoTogetherAreRefused() throws {
    let collection = try collection()
    for (set, words) in [
      ({ $0.rules.includesPositives = true }, "labeled-pair, labeled-list, trec"),
      ({ $0.scores = true }, "the format freshet takes no scores"),
      ({ $0.rules.cross.maximumScore = 1 }, "need its scores"),
      ({ $0.rules.unscored = .drop }, "need its scores"),
    ] as [((inout MiningOptions) -> Void, String)] {
      freshetError(.badInput, words) { _ = try mined(collection, set) }
    }
    #expect(!FileManager.default.fileExists(atPath: out.path))
  }

  @Test(
    "answers are read in every layout",
    arguments: [
      ("a.jsonl", #"{"_id":"q1","text":"t","answers":["x","y \"z\""]}"# + "\n{\"_id\":\"q2\"}\n"),
      ("a.tsv", "what?\t['x', \"y \\\"z\\\"\"]\n"), ("a.csv", "what?\t[\"x\",'y \"z\"',]\n"),
    ])
  func answerFiles(name: String, text: String) throws {
    let answers = try QueryAnswers(path: world.folder.write(text, to: name))
    #expect(answers.of(Query(id: "q1", text: "what?")) == ["x", "y \"z\""])
    #expect(answers.of(Query(id: "q2", text: "else")) == [])
  }

  @Test(
    "bad answers are named",
    arguments: [
      ("a.jsonl", "{\"_id\":\"q\",\"answers\":[1]}", ":1: \"answers\" is a number"),
      (
        "a.jsonl", "{\"_id\":\"q\",\"answers\":[]}\n{\"_id\":\"q\",\"answers\":[]}",
        ":2: the query"
      ),
      ("a.jsonl", "{\"_id\":\"q\"}", "holds no \"answers\""),
      ("a.tsv", "what?\tx", ":1: \"x\" is no list"), ("a.tsv", "what?", ":1: 1 tab-separated"),
      ("a.tsv", "what?\t['x'", ":1: \"['x'\" is no list"),
    ])
  func badAnswers(name: String, text: String, words: String) throws {
    let path = try world.folder.write(text, to: name)
    freshetError(.badInput, words) { _ = try QueryAnswers(path: path) }
  }
}
