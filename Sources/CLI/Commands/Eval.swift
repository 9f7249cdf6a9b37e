import ArgumentParser
import Foundation
import Freshet

struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score the active generation on judged queries.",
    discussion: """
      Figures follow BEIR's and trec_eval's rules (graded nDCG, ties by descending id, a passage of \
      the query's own id is not an answer).

      Example: freshet eval my.freshet --queries queries.jsonl --qrels qrels/test.tsv --exact
      """)

  @OptionGroup var target: CollectionArgument
  @OptionGroup var precision: PrecisionOption
  @OptionGroup var judged: JudgedOptions
  @Option(name: .customLong("run"), help: "Also write the answers as a TREC run.")
  var runFile: String?
  @OptionGroup var search: SearchFlags
  @OptionGroup var scope: ScopeFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  /// The contract's keys.
  private struct Report: Encodable {
    var generation: Int
    var queries: Int
    var rules: EvaluationRules
    var metrics: [String: Double]
  }

  func run() throws {
    threads.apply()
    let evaluation = try target.open(precision.precision).evaluate(
      judged.read(), options: scope.apply(to: search.options), progress: Console.progress)
    if let runFile { try evaluation.run.writeTREC(to: URL(fileURLWithPath: runFile)) }
    let report = evaluation.report
    if output.json {
      return try printJSON(
        Report(
          generation: evaluation.generation, queries: report.queries, rules: report.rules,
          metrics: report.metricsByName))
    }
    print("generation \(evaluation.generation), \(report.queries) queries")
    let rows = Metric.standard.compactMap { metric in
      report.metrics[metric].map { [metric.name, String(format: "%.4f", $0)] }
    }
    print(table(rows))
  }
}
