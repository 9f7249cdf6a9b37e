import ArgumentParser
import Foundation
import Freshet

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say whether one run is better than another, or only luckier.",
    discussion: """
      For each metric: both means, their difference with its bootstrap interval over queries, and \
      two-sided p-values of the randomization test (Smucker, Allan and Carterette 2007) and of the \
      paired t-test. Small p-values say that chance alone hardly makes such a difference.

      Example: freshet compare hybrid.trec dense.trec --qrels qrels/test.tsv
      """)

  @Argument(help: "A TREC run.")
  var first: String
  @Argument(help: "The TREC run it is compared with.")
  var second: String
  @Option(help: "Judgements: BEIR (query-id, corpus-id, score) or TREC.")
  var qrels: String
  @OptionGroup var figures: FigureOptions
  @OptionGroup var chance: ChanceOptions
  @OptionGroup var output: JSONFlag

  func run() throws {
    let judged = try Qrels(contentsOf: URL(fileURLWithPath: qrels))
    let reports = try [first, second].map { file in
      try figures.evaluate(Run.readTREC(URL(fileURLWithPath: file)), judged)
    }
    let comparison = try chance.compare(reports[0], reports[1], figures.metrics)
    if output.json {
      return try printJSON(
        ComparisonReport(
          ruleSet: figures.rules, rules: reports[0].rules, comparison: comparison))
    }
    print("rules of \(figures.rules.rawValue): \(reports[0].rules)")
    print(ComparisonReport.table(comparison))
  }
}
