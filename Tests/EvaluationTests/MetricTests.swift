import Evaluation
import Foundation
import Testing

@Suite("metrics by hand") struct MetricTests {
  /// Ranking a b c d e; b and d relevant, x relevant and not answered.
  private let run = ranked("q", ["a", "b", "c", "d", "e"])
  private let binary = ["q": ["b": 1, "d": 1, "x": 1, "a": 0]]

  private static let ideal: Double = 1 + 1 / log2(3) + 1 / log2(4)
  private static let atTwo: Double = 1 / log2(3)
  private static let atFour: Double = 1 / log2(5)
  private static let byHand: [(Metric, Double)] = [
    (.recall(1), 0), (.recall(2), 1.0 / 3), (.recall(4), 2.0 / 3), (.recall(100), 2.0 / 3),
    (.precision(2), 0.5), (.precision(5), 0.4), (.precision(10), 0.2),
    (.mrr(1), 0), (.mrr(2), 0.5), (.mrr(10), 0.5),
    (.map(1), 0), (.map(2), 1.0 / 6), (.map(100), 1.0 / 3),
    (.ndcg(1), 0), (.ndcg(3), atTwo / ideal), (.ndcg(5), (atTwo + atFour) / ideal),
  ]

  @Test("binary grades", arguments: byHand)
  func binaryGrades(metric: Metric, expected: Double) throws {
    #expect(abs(try value(metric, run, binary) - expected) <= 1e-12)
  }

  private static let gains: [(EvaluationRules.Gain, Double)] = [
    (.linear, (1 + 3 * atTwo) / (3 + atTwo)),
    (.exponential, (1 + 7 * atTwo) / (7 + atTwo)),
    (.binary, 1),
  ]

  @Test("graded gains", arguments: gains)
  func gradedGains(gain: EvaluationRules.Gain, expected: Double) throws {
    var rules = EvaluationRules()
    rules.gain = gain
    let got = try value(.ndcg(2), run, ["q": ["a": 1, "b": 3, "c": -2]], rules)
    #expect(abs(got - expected) <= 1e-12)
  }

  @Test("a perfect ranking is 1, whatever the cut-off", arguments: [1, 2, 3, 7, 100])
  func perfectRanking(k: Int) throws {
    #expect(
      try value(.ndcg(k), ranked("q", ["x", "y", "z"]), ["q": ["x": 3, "y": 2, "z": 1]]) == 1)
  }

  @Test("ties go by the ids' bytes, descending")
  func ties() throws {
    // In UTF-16 the emoji (surrogates, D83D…) would come before U+FF5E; in UTF-8 it comes after.
    let ids = ["d2", "d10", "D9", "d\u{FF5E}", "d😀"]
    let run = Run(results: ["q": ids.map { (id: $0, score: 0.5) }])
    for (rank, id) in ["d😀", "d\u{FF5E}", "d2", "d10", "D9"].enumerated() {
      #expect(try value(.mrr(10), run, ["q": [id: 1]]) == 1 / Double(rank + 1), "\(id)")
    }
  }

  @Test("scores that differ only beyond single precision tie, unless told otherwise")
  func singlePrecision() throws {
    let run = Run(results: ["q": [("a", 0.5), ("b", 0.5 - 1e-12)]])
    var rules = EvaluationRules()
    #expect(try value(.mrr(1), run, ["q": ["a": 1]], rules) == 0)
    rules.comparesScoresInSinglePrecision = false
    #expect(try value(.mrr(1), run, ["q": ["a": 1]], rules) == 1)
  }

  @Test("an answer with the query's own id is dropped by BEIR's rule only")
  func identicalIDs() throws {
    var rules = EvaluationRules()
    #expect(try value(.mrr(5), ranked("q", ["q", "a"]), ["q": ["a": 1]], rules) == 1)
    rules.ignoresIdenticalIDs = false
    #expect(try value(.mrr(5), ranked("q", ["q", "a"]), ["q": ["a": 1]], rules) == 0.5)
  }

  @Test("names are read and written", arguments: Metric.standard + [.precision(5), .mrr(1_000)])
  func names(metric: Metric) throws {
    #expect(try Metric(parsing: metric.name) == metric)
    #expect(try Metric(parsing: metric.name.uppercased()) == metric)
  }

  @Test(
    "other names are refused",
    arguments: [
      "", "ndcg", "ndcg@", "ndcg@0", "ndcg@-1", "f1@3", "ndcg@1@2",
    ])
  func otherNames(name: String) throws {
    let error = try evaluationError { _ = try Metric(parsing: name) }
    #expect(error.code == .invalidArgument)
    #expect(error.message.hasPrefix("\"\(name)\" is not a metric; use ndcg@k"))
  }
}

@Suite("what is averaged") struct AveragingTests {
  private let qrels = [
    "hit": ["a": 1], "missed": ["a": 1], "nothing relevant": ["a": 0], "empty": ["a": 2],
  ]
  private let run = Run(results: [
    "hit": [("a", 1)], "nothing relevant": [("a", 1)], "empty": [], "not judged": [("a", 1)],
  ])

  @Test("unanswered queries and queries without relevant passages count as zero by default")
  func defaults() throws {
    let report = try evaluate(run: run, qrels: Qrels(judgements: qrels), metrics: [.recall(1)])
    #expect(report.metrics == [.recall(1): 0.25])
    #expect(report.queries == 4)
    #expect(report.unansweredQueries == 1)
    #expect(report.queriesWithoutRelevant == 1)
    #expect(report.perQuery["not judged"] == nil)
    #expect(report.values(of: .recall(1)) == [0, 1, 0, 0])
    #expect(report.values(of: .recall(2)) == [])
  }

  @Test("either can be left out")
  func leavingOut() throws {
    var rules = EvaluationRules()
    rules.countsUnansweredQueries = false
    #expect(try value(.recall(1), run, qrels, rules) == 1.0 / 3)
    rules.countsQueriesWithoutRelevant = false
    #expect(try value(.recall(1), run, qrels, rules) == 0.5)
  }

  @Test("a query whose grades are all negative has nothing relevant")
  func negativeGrades() throws {
    for metric in Metric.standard {
      #expect(try value(metric, ranked("q", ["a"]), ["q": ["a": -1]]) == 0)
    }
  }

  @Test("rules travel as JSON")
  func rulesAreCodable() throws {
    var rules = EvaluationRules()
    rules.gain = .binary
    let back = try JSONDecoder().decode(EvaluationRules.self, from: JSONEncoder().encode(rules))
    #expect(back == rules)
    #expect(back != EvaluationRules())
  }

  @Test("what cannot be scored is refused by name")
  func refusals() throws {
    let judged = Qrels(judgements: ["q": ["a": 1]])
    let nan = try evaluationError {
      _ = try evaluate(run: Run(results: ["q": [("a", .nan)]]), qrels: judged)
    }
    #expect(nan.code == .notFinite)
    #expect(nan.message == "query \"q\": the score of passage \"a\" is nan")
    let twice = try evaluationError {
      _ = try evaluate(run: Run(results: ["q": [("a", 1), ("a", 0)]]), qrels: judged)
    }
    #expect(twice.code == .duplicateRow)
    let cut = try evaluationError {
      _ = try evaluate(run: Run(), qrels: judged, metrics: [.ndcg(0)])
    }
    #expect(cut.message == "ndcg@0: the cut-off must be at least 1")
    let none = try evaluationError { _ = try evaluate(run: Run(), qrels: Qrels(judgements: [:])) }
    #expect(none.code == .invalidArgument)
  }
}
