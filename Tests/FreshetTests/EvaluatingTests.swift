import Foundation
import Freshet
import TestSupport
import Testing

/// Evaluation and mining through the collection.
@Suite struct EvaluatingTests {
  let world: World
  let toy: ToyRetrieval
  init() throws {
    world = try World()
    toy = try ToyRetrieval(in: world.folder, passages: 80)
  }

  private func collection() throws -> PassageCollection {
    let collection = try world.create()
    try collection.add(contentsOf: toy.corpusFile)
    try collection.encode(with: world.a)
    return collection
  }

  /// Means of recall@k, MRR@10 and nDCG@10 of an exact search, by a plain loop.
  private func expectedFigures() -> [String: Double] {
    let passages = world.a.encode(toy.passages.map(\.text), as: .passage).embeddings
    let queries = world.a.encode(toy.queries.map(\.text), as: .query).embeddings
    var sums: [String: Double] = [:]
    for (i, query) in toy.queries.enumerated() {
      let relevant = toy.relevant[query.id, default: []]
      let ranks = ranked(queries.row(i), passages).map { "p\($0.row)" }
      let hits = ranks.map { relevant.contains($0) ? 1.0 : 0 }
      for k in [1, 5, 10, 20] {
        sums["recall@\(k)", default: 0] += hits.prefix(k).reduce(0, +) / Double(relevant.count)
      }
      sums["mrr@10", default: 0] +=
        hits.prefix(10).firstIndex(of: 1).map { 1 / Double($0 + 1) } ?? 0
      func gain(_ list: [Double]) -> Double {
        list.prefix(10).enumerated().reduce(0) { $0 + $1.element / log2(Double($1.offset) + 2) }
      }
      let ideal = gain([Double](repeating: 1, count: relevant.count))
      sums["ndcg@10", default: 0] += gain(hits) / ideal
    }
    return sums.mapValues { $0 / Double(toy.queries.count) }
  }

  @Test(arguments: [true, false]) func evaluationEqualsAPlainLoop(exact: Bool) throws {
    let evaluation = try collection().evaluate(
      try toy.judged(), options: SearchOptions(exact: exact))
    #expect(evaluation.generation == 0)
    #expect(evaluation.report.queries == 30)
    let figures = evaluation.report.metricsByName
    for (name, expected) in expectedFigures() {
      #expect(abs(try #require(figures[name]) - expected) < 1e-9, "\(name)")
    }
    #expect(try #require(figures["recall@1"]) < 1, "a task with something to lose")
  }

  @Test func theRunIsWrittenAndReadBack() throws {
    let run = try collection().evaluate(try toy.judged()).run
    let file = URL(fileURLWithPath: world.folder.path("out.trec"))
    try run.writeTREC(to: file)
    let read = try Run.readTREC(file)
    #expect(Set(read.results.keys) == Set(toy.queries.map(\.id)))
    for query in toy.queries {
      let answers = try #require(read.results[query.id])
      #expect(answers.map(\.id) == run.results[query.id]?.map(\.id))
      #expect(answers.count == 80, "as deep as the deepest metric, or all")
    }
  }

  @Test func unknownIDsInQrelsAreNamedWithFileAndLine() throws {
    let collection = try collection()
    let bad = try world.folder.write(
      "query-id\tcorpus-id\tscore\nq1\tp1\t1\nq2\tp999\t1\n", to: "passages.tsv")
    let judged = try JudgedQueries(queries: toy.queriesFile, qrels: bad)
    for body in [
      { _ = try collection.evaluate(judged) },
      { _ = try collection.mine(judged, to: world.folder.url.appending(path: "n.jsonl")) },
      {
        var options = quickRefresh
        options.judged = judged
        _ = try collection.planRefresh(to: world.b, options: options)
      },
    ] as [() throws -> Void] {
      let error = #expect(throws: EvaluationError.self) { try body() }
      #expect(error?.code == .unknownID)
      #expect(error?.message.contains("passages.tsv:3") == true, "\(error?.message ?? "")")
      #expect(error?.message.contains("p999") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: world.folder.path("n.jsonl")))
    let queries = try world.folder.write(
      "query-id\tcorpus-id\tscore\nq1\tp1\t1\n\nq999\tp2\t1\n", to: "queries.tsv")
    let error = #expect(throws: EvaluationError.self) {
      _ = try JudgedQueries(queries: toy.queriesFile, qrels: queries)
    }
    #expect(error?.message.contains("queries.tsv:4") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("q999") == true)
  }

  @Test func minedNegativesHoldNoPositiveNoCopyAndNotTheQuery() throws {
    let collection = try collection()
    // A copy of q0's positive under another id, and a passage that is q1's own text.
    try collection.add([
      Passage(id: "copy", text: toy.passages[0].text),
      Passage(id: "own", text: toy.queries[1].text),
    ])
    try collection.encode(with: world.a)
    #expect(try collection.search(toy.queries[1].text, k: 1).hits[0].id == "own")
    let file = world.folder.url.appending(path: "negatives.jsonl")
    var rules = MiningRules()
    rules.rankRange = 0..<82
    rules.negativesPerQuery = 82
    let report = try collection.mine(try toy.judged(), rules: rules, to: file)
    #expect(report.queries == 30)
    let records = try NegativesRecord.read(file)
    #expect(records.map(\.queryID) == toy.queries.map(\.id))
    for record in records {
      let ids = record.negatives.map(\.id)
      #expect(Set(ids).count == ids.count)
      #expect(Set(ids).isDisjoint(with: toy.relevant[record.queryID, default: []]))
      #expect(record.positiveIDs.sorted() == toy.relevant[record.queryID]?.sorted())
      #expect(record.negatives.map(\.rank) == record.negatives.map(\.rank).sorted())
      #expect(record.negatives.allSatisfy { $0.generation == 1 && $0.provenance == "encoded" })
      let removed = record.queryID == "q0" || record.queryID == "q1" ? 1 : 0
      #expect(ids.contains("p0") == (record.queryID != "q0"), "\(record.queryID)")
      #expect(ids.contains("own") == (record.queryID != "q1"), "\(record.queryID)")
      // "copy" and p0 are one text: of equal scores the lower row ranks better and is taken.
      #expect(!ids.contains("copy"))
      let twins = record.queryID == "q0" ? 0 : 1
      #expect(ids.count == 82 - record.positiveIDs.count - removed - twins, "\(record.queryID)")
    }
  }

  @Test func theSameSeedMinesTheSameFile() throws {
    let collection = try collection()
    func mined(_ name: String, seed: UInt64) throws -> Data {
      var rules = MiningRules()
      rules.sampling = .random
      rules.seed = seed
      let file = world.folder.url.appending(path: name)
      try collection.mine(try toy.judged(), rules: rules, to: file)
      return try Data(contentsOf: file)
    }
    let first = try mined("one.jsonl", seed: 4)
    #expect(try mined("two.jsonl", seed: 4) == first)
    #expect(try mined("three.jsonl", seed: 5) != first)
  }

  @Test func tripletsAreTextsOfQueryPositiveAndNegative() throws {
    struct Triplet: Decodable { let anchor, positive, negative: String }
    let file = world.folder.url.appending(path: "triplets.jsonl")
    var rules = MiningRules()
    rules.negativesPerQuery = 2
    try collection().mine(try toy.judged(), rules: rules, format: .triplets, to: file)
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == (30 + 10) * 2, "for each positive and negative")
    #expect(lines.allSatisfy { $0.hasPrefix(#"{"anchor":"#) }, "Python takes columns by order")
    let texts = Dictionary(uniqueKeysWithValues: toy.passages.map { ($0.text, $0.id) })
    let queries = Dictionary(uniqueKeysWithValues: toy.queries.map { ($0.text, $0.id) })
    for line in lines {
      let triplet = try JSONDecoder().decode(Triplet.self, from: Data(line.utf8))
      let relevant = toy.relevant[try #require(queries[triplet.anchor]), default: []]
      #expect(relevant.contains(try #require(texts[triplet.positive])))
      #expect(!relevant.contains(try #require(texts[triplet.negative])))
    }
  }

  @Test func minedFromACorrectedGenerationSaysSo() throws {
    let collection = try collection()
    try collection.refresh(to: world.b, options: quickRefresh)
    let file = world.folder.url.appending(path: "negatives.jsonl")
    try collection.mine(try toy.judged(), to: file)
    let negatives = try NegativesRecord.read(file).flatMap(\.negatives)
    #expect(negatives.count == 150)
    #expect(negatives.allSatisfy { $0.generation == 1 && $0.provenance == "corrected" })
  }
}
