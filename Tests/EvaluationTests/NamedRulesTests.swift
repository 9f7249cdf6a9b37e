import Evaluation
import Foundation
import Testing

@Suite("rules, lists and reports by name") struct NamedRulesTests {
  @Test("each set of rules has a name, and its words tell it from the others")
  func names() throws {
    #expect(EvaluationRuleSet.beir.rules == EvaluationRules())
    let words = Set(EvaluationRuleSet.allCases.map { "\($0.rules)" })
    #expect(words.count == EvaluationRuleSet.allCases.count)
    #expect(words.allSatisfy { !$0.contains("\n") })
    #expect(EvaluationRuleSet(rawValue: "trec_eval-c") == .trecEvalComplete)
    let json = try JSONEncoder().encode(EvaluationRuleSet.sentenceTransformers.rules)
    #expect(
      try JSONDecoder().decode(EvaluationRules.self, from: json)
        == EvaluationRuleSet.sentenceTransformers.rules)
  }

  @Test("a list of metrics, each once")
  func lists() throws {
    #expect(
      try Metric.list(parsing: "ndcg@10, MAP@100,hit@5,success@5,p@1")
        == [.ndcg(10), .map(100), .success(5), .precision(1)])
    for wrong in ["", "ndcg@10,", "ndcg", "map@0", "bpref@3"] {
      let error = try evaluationError { _ = try Metric.list(parsing: wrong) }
      #expect(error.code == .invalidArgument && error.message.contains("success@k"))
    }
  }

  @Test("success, and average precision by what the cut-off allows")
  func newFigures() throws {
    let judgements = ["q": ["a": 1, "b": 2, "c": 1, "x": 0]]
    let run = ranked("q", ["x", "a", "b"])
    #expect(try value(.success(1), run, judgements) == 0)
    #expect(try value(.success(2), run, judgements) == 1)
    let precisions = 1.0 / 2
    #expect(try value(.map(2), run, judgements) == precisions / 3)
    var rules = EvaluationRules()
    rules.averagePrecisionDivisor = .atMostCutoff
    #expect(try value(.map(2), run, judgements, rules) == precisions / 2)
    #expect(try value(.map(9), run, judgements, rules) == (precisions + 2.0 / 3) / 3)
  }

  @Test("values by query, as a table and as lines")
  func perQuery() throws {
    let report = try evaluate(
      run: Run(results: ["b": [("x", 1)], "a \"1\"": [("y", 2), ("x", 1)]]),
      qrels: Qrels(judgements: ["a \"1\"": ["x": 1], "b": ["x": 1], "c": ["x": 1]]),
      metrics: [.mrr(5), .precision(1)])
    try withTemporaryFolder { folder in
      let (table, lines) = (folder.appending(path: "q.tsv"), folder.appending(path: "q.jsonl"))
      try report.writePerQuery([.mrr(5), .precision(1)], to: table)
      #expect(
        try String(contentsOf: table, encoding: .utf8)
          == "query\tmrr@5\tprecision@1\na \"1\"\t0.5\t0.0\nb\t1.0\t1.0\nc\t0.0\t0.0\n")
      try report.writePerQuery([.mrr(5)], to: lines)
      #expect(
        try String(contentsOf: lines, encoding: .utf8)
          == #"""
          {"query":"a \"1\"","mrr@5":0.5}
          {"query":"b","mrr@5":1.0}
          {"query":"c","mrr@5":0.0}

          """#)
      let error = try evaluationError {
        try report.writePerQuery([.mrr(5)], to: folder.appending(path: "no/q.tsv"))
      }
      #expect(error.code == .io && error.message.contains("no/q.tsv"))
    }
  }

  @Test("answers are looked for in the order of ranks")
  func answers() throws {
    let run = Run(results: [
      "q1": [("a", 1), ("b", 3), ("c", 2)], "q2": [("q2", 9), ("a", 1)], "q3": [("b", 1)],
    ])
    let holders = ["q1": ["c"], "q2": ["q2", "a"], "q3": ["z"], "q4": ["a"]]
    var asked: [String] = []
    let found = try AnswerAccuracy(
      of: run, questions: ["q1", "q2", "q3", "q4"], cutoffs: [1, 2, 3]
    ) { question, passage in
      asked.append("\(question) \(passage)")
      return holders[question]?.contains(passage) ?? false
    }
    #expect(found.accuracy == [1: 0.25, 2: 0.5, 3: 0.5])
    #expect(found.firstRanks == ["q1": 2, "q2": 1, "q3": nil, "q4": nil])
    #expect(asked == ["q1 b", "q1 c", "q2 a", "q3 b"])
    let error = try evaluationError {
      _ = try AnswerAccuracy(of: run, questions: []) { _, _ in true }
    }
    #expect(error.code == .invalidArgument)
  }

  @Test("two runs are compared over the queries both counted")
  func comparison() throws {
    let qrels = Qrels(judgements: ["a": ["x": 1], "b": ["x": 1], "c": ["x": 1]])
    let rules = EvaluationRuleSet.trecEval.rules
    func report(_ run: Run, _ rules: EvaluationRules) throws -> EvaluationReport {
      try evaluate(run: run, qrels: qrels, metrics: [.mrr(5), .success(1)], rules: rules)
    }
    let first = try report(Run(results: ["a": [("x", 1)], "b": [("x", 1)]]), rules)
    let second = try report(Run(results: ["b": [("y", 1), ("x", 0)], "c": [("x", 1)]]), rules)
    let lines = try RunComparison(first, second, metrics: [.success(1), .mrr(5)], seed: 1).lines
    #expect(lines.map(\.metric) == [.success(1), .mrr(5)])
    #expect(lines.map(\.first) == [1, 1] && lines.map(\.second) == [0, 0.5])
    #expect(lines[1].test.difference == 0.5 && lines[1].test.queries == 1)
    let other = try report(Run(results: ["a": [("x", 1)]]), EvaluationRules())
    let error = try evaluationError {
      _ = try RunComparison(first, other, metrics: [.mrr(5)], seed: 1)
    }
    #expect(error.message.contains("other rules"))
  }

  @Test("the t-test at its ends")
  func tTest() {
    #expect(pairedTest([1, 2, 3], [1, 2, 3], samples: 5, seed: 0).tTestPValue == 1)
    #expect(pairedTest([2, 3, 4], [1, 2, 3], samples: 5, seed: 0).tTestPValue == 0)
    #expect(pairedTest([2], [1], samples: 5, seed: 0).tTestPValue == 1)
    // One degree of freedom is Cauchy's: t = 3 has p = 2/π · atan(1/3).
    let p = pairedTest([4, 2], [0, 0], samples: 5, seed: 0).tTestPValue
    #expect(abs(p - 2 / Double.pi * atan(1.0 / 3)) < 1e-12)
  }
}
