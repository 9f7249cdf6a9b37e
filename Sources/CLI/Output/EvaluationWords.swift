import Foundation
import Freshet

/// Figures of an evaluation, as the contract's JSON keys, and in words.
struct EvaluationWords: Encodable {
  /// The generation that answered; nil for a run that was read.
  var generation: Int?
  var report: EvaluationReport
  var ruleSet: EvaluationRuleSet
  var comparison: RunComparison?
  var answerAccuracy: AnswerAccuracy?

  private enum Key: CodingKey {
    case generation, queries, ruleSet, rules, metrics, unansweredQueries, comparison, answerAccuracy
  }

  /// Names such as `answer@20` and their figures, by ascending cut-off.
  private var answerFigures: [(name: String, value: Double)] {
    (answerAccuracy?.accuracy ?? [:]).sorted { $0.key < $1.key }
      .map { ("answer@\($0.key)", $0.value) }
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encodeIfPresent(generation, forKey: .generation)
    try object.encode(report.queries, forKey: .queries)
    try object.encode(ruleSet, forKey: .ruleSet)
    try object.encode(report.rules, forKey: .rules)
    try object.encode(report.metricsByName, forKey: .metrics)
    try object.encode(report.unansweredQueries, forKey: .unansweredQueries)
    if answerAccuracy != nil {
      try object.encode(
        Dictionary(uniqueKeysWithValues: answerFigures.map { ($0.name, $0.value) }),
        forKey: .answerAccuracy)
    }
    try object.encodeIfPresent(comparison.map(ComparisonReport.lines), forKey: .comparison)
  }

  func text(_ metrics: [Metric]) -> String {
    var head = generation.map { "generation \($0), " } ?? ""
    head += "\(report.queries) queries"
    if report.unansweredQueries > 0 { head += ", \(report.unansweredQueries) without answers" }
    let rows = metrics.compactMap { metric in
      report.metrics[metric].map { [metric.name, String(format: "%.4f", $0)] }
    }
    let answers = answerFigures.map { [$0.name, String(format: "%.4f", $0.value)] }
    var parts = [head, "rules of \(ruleSet.rawValue): \(report.rules)", table(rows + answers)]
    if let comparison { parts.append(ComparisonReport.table(comparison)) }
    return parts.joined(separator: "\n")
  }
}

/// Two runs side by side.
struct ComparisonReport: Encodable {
  struct Line: Encodable {
    var metric: String
    var first: Double, second: Double
    var difference: Double, low: Double, high: Double
    /// Of the randomization test, and of the t-test.
    var pValue: Double, tTestPValue: Double
    var queries: Int
  }

  var ruleSet: EvaluationRuleSet
  var rules: EvaluationRules
  var metrics: [Line]

  init(ruleSet: EvaluationRuleSet, rules: EvaluationRules, comparison: RunComparison) {
    (self.ruleSet, self.rules, metrics) = (ruleSet, rules, Self.lines(comparison))
  }

  static func lines(_ comparison: RunComparison) -> [Line] {
    comparison.lines.map { line in
      Line(
        metric: line.metric.name, first: line.first, second: line.second,
        difference: line.test.difference, low: line.test.low, high: line.test.high,
        pValue: line.test.pValue, tTestPValue: line.test.tTestPValue, queries: line.test.queries)
    }
  }

  static func table(_ comparison: RunComparison) -> String {
    let head = ["over \(comparison.lines.first?.test.queries ?? 0) queries"]
      + ["first", "second", "difference", "p (randomization)", "p (t-test)"]
    return CLI.table(
      [head]
        + lines(comparison).map { line in
          [
            line.metric, String(format: "%.4f", line.first), String(format: "%.4f", line.second),
            String(format: "%+.4f [%+.4f, %+.4f]", line.difference, line.low, line.high),
            String(format: "%.4f", line.pValue), String(format: "%.4f", line.tTestPValue),
          ]
        })
  }
}
