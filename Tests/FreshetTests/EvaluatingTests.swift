import Foundation
import Freshet
import TestSupport
import Testing

/// Evaluation through the collection.
@Suite struct EvaluatingTests {
  let world: World
  let toy: ToyRetrieval
  init() throws {
    world = try World()
    toy = try ToyRetrieval(in: world.folder, passages: 80)
  }

  private func collection() throws -> PassageCollection { try toy.collection(in: world) }

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
}
