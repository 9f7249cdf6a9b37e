import Evaluation
import Foundation
import Testing

/// Judgements, a run, and trec_eval's figures for them; made by
/// tools/fixtures/evaluation_reference.py.
private struct Fixture: Decodable {
  let qrels: [String: [String: Int]]
  let run: [String: [Hit]]
  let perQuery: [String: [String: Double]]
  let mean: [String: Double]
  /// The means of sentence-transformers' evaluator.
  let sentenceTransformers: [String: Double]
  /// By metric: values of two runs by query, and scipy's p-value of a paired t-test.
  let tTests: [String: TTest]

  struct TTest: Decodable {
    let first: [Double], second: [Double]
    let p: Double
  }

  struct Hit: Decodable {
    let id: String
    let score: Double

    init(from decoder: any Decoder) throws {
      var pair = try decoder.unkeyedContainer()
      id = try pair.decode(String.self)
      score = try pair.decode(Double.self)
    }
  }

  static func load() throws -> Fixture {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent()
      .appendingPathComponent("Fixtures/evaluation/trec_eval.json")
    return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
  }

  func answers(reversed: Bool = false) -> Run {
    Run(
      results: run.mapValues { hits in
        (reversed ? hits.reversed() : hits).map { (id: $0.id, score: $0.score) }
      })
  }
}

@Suite("equal to trec_eval") struct TRECParityTests {
  /// Whether the run lists its answers forwards or backwards must not matter.
  @Test("every metric of every query, and the means", arguments: [false, true])
  func agreesWithTRECEval(reversed: Bool) throws {
    let fixture = try Fixture.load()
    let metrics = try fixture.mean.keys.map { try Metric(parsing: $0) }
    let report = try evaluate(
      run: fixture.answers(reversed: reversed), qrels: Qrels(judgements: fixture.qrels),
      metrics: metrics)
    #expect(metrics.count == 30)
    for (query, expected) in fixture.perQuery {
      for (name, value) in expected {
        let got = try #require(report.perQuery[query]?[Metric(parsing: name)])
        #expect(abs(got - value) <= 1e-9, "\(query) \(name): \(got), trec_eval \(value)")
      }
    }
    for (name, value) in fixture.mean {
      let got = try #require(report.metricsByName[name])
      #expect(abs(got - value) <= 1e-9, "\(name): \(got), trec_eval \(value)")
    }
    #expect(report.queries == fixture.qrels.count)
    #expect(report.unansweredQueries == fixture.qrels.count - fixture.perQuery.count)
  }

  @Test("sentence-transformers' rules give its figures")
  func agreesWithSentenceTransformers() throws {
    let fixture = try Fixture.load()
    let metrics = try fixture.sentenceTransformers.keys.map { try Metric(parsing: $0) }
    let report = try evaluate(
      run: fixture.answers(), qrels: Qrels(judgements: fixture.qrels), metrics: metrics,
      rules: EvaluationRuleSet.sentenceTransformers.rules)
    #expect(metrics.count == 30)
    for (name, value) in fixture.sentenceTransformers {
      let got = try #require(report.metricsByName[name])
      #expect(abs(got - value) <= 1e-9, "\(name): \(got), sentence-transformers \(value)")
    }
  }

  @Test("without -c trec_eval averages over the queries with answers")
  func agreesWithPlainTRECEval() throws {
    let fixture = try Fixture.load()
    // The one answer with its query's own id is not in the figures, which follow BEIR there.
    var run = fixture.answers()
    run.results["own-12"]?.removeAll { $0.id == "own-12" }
    for (set, count) in [(EvaluationRuleSet.trecEval, fixture.perQuery.count),
      (.trecEvalComplete, fixture.qrels.count)]
    {
      let report = try evaluate(
        run: run, qrels: Qrels(judgements: fixture.qrels), metrics: [.map(100), .ndcg(3)],
        rules: set.rules)
      for metric in [Metric.map(100), .ndcg(3)] {
        let sum = fixture.perQuery.values.reduce(0) { $0 + ($1[metric.name] ?? 0) }
        let got = try #require(report.metrics[metric])
        #expect(abs(got - sum / Double(count)) <= 1e-9, "\(set) \(metric)")
      }
    }
  }

  @Test("the t-test is scipy's")
  func agreesWithSciPy() throws {
    for (name, test) in try Fixture.load().tTests {
      let got = pairedTest(test.first, test.second, samples: 10, seed: 0).tTestPValue
      #expect(abs(got - test.p) < 1e-9, "\(name): \(got), scipy \(test.p)")
    }
  }

  @Test("the fixture tells the rules apart")
  func fixtureIsSensitive() throws {
    let fixture = try Fixture.load()
    func means(_ change: (inout EvaluationRules) -> Void) throws -> [String: Double] {
      var rules = EvaluationRules()
      change(&rules)
      return try evaluate(
        run: fixture.answers(), qrels: Qrels(judgements: fixture.qrels),
        metrics: [.ndcg(10), .recall(3), .mrr(10)], rules: rules
      ).metricsByName
    }
    let standard = try means { _ in }
    #expect(try means { $0.ties = .runOrder } != standard)
    #expect(try means { $0.ties = .idAscending } != standard)
    #expect(try means { $0.comparesScoresInSinglePrecision = false } != standard)
    #expect(try means { $0.gain = .exponential } != standard)
    #expect(try means { $0.gain = .binary } != standard)
    #expect(try means { $0.relevanceThreshold = 2 } != standard)
    #expect(try means { $0.ignoresIdenticalIDs = false } != standard)
    #expect(try means { $0.countsUnansweredQueries = false } != standard)
    #expect(try means { $0.countsQueriesWithoutRelevant = false } != standard)
  }

  @Test("a run written as TREC text and read back scores the same")
  func surviveRoundTrip() throws {
    let fixture = try Fixture.load()
    let report = try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("run.trec")
      try fixture.answers().writeTREC(to: file, tag: "test")
      return try evaluate(
        run: .readTREC(file), qrels: Qrels(judgements: fixture.qrels), metrics: [.ndcg(10)])
    }
    let expected = try #require(fixture.mean["ndcg@10"])
    #expect(abs((report.metrics[.ndcg(10)] ?? 0) - expected) <= 1e-9)
  }
}
