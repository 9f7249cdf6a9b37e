public import ArgumentParser
import Foundation
public import Freshet

/// What is computed of a run, and by which rules.
struct FigureOptions: ParsableArguments {
  @Option(
    name: .customLong("metrics"),
    help: """
      Such as ndcg@10,map@100: ndcg, recall, mrr, map, precision, success, each at a cut-off \
      (default: \(Metric.standard.map(\.name).joined(separator: ","))).
      """,
    transform: { try MetricList(metrics: Metric.list(parsing: $0)) })
  var list = MetricList(metrics: Metric.standard)

  @Option(help: "Whose rules: \(EvaluationRuleSet.allValueStrings.joined(separator: ", ")).")
  var rules = EvaluationRuleSet.beir

  var metrics: [Metric] { list.metrics }

  func evaluate(_ run: Run, _ qrels: Qrels) throws -> EvaluationReport {
    try Freshet.evaluate(run: run, qrels: qrels, metrics: metrics, rules: rules.rules)
  }
}

/// Metrics as an option's value.
struct MetricList {
  var metrics: [Metric]
}

extension EvaluationRuleSet: ExpressibleByArgument {}

/// How differences are tested.
struct ChanceOptions: ParsableArguments {
  @Option(help: "Bootstrap resamples, and random sign patterns.")
  var samples = 10_000

  @Option(help: "Coverage of intervals.")
  var confidence = 0.95

  @Option(help: "Seed of the resampling.")
  var seed: UInt64 = 0

  func validate() throws {
    try require(samples, atLeast: 1, "--samples")
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie inside 0 to 1, was \(confidence).")
    }
  }

  func compare(
    _ first: EvaluationReport, _ second: EvaluationReport, _ metrics: [Metric]
  ) throws -> RunComparison {
    try RunComparison(
      first, second, metrics: metrics, samples: samples, confidence: confidence, seed: seed)
  }
}
