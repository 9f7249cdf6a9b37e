public import ArgumentParser
import Foundation
public import Freshet

struct Mine: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mine hard negatives: passages that look like an answer and are none.",
    discussion: """
      A query's positives, exact duplicates of them, and its own text are never negatives. The same \
      seed gives the same file.

      Example: freshet mine my.freshet --queries queries.jsonl --qrels qrels/train.tsv \\
                 --out negatives.jsonl --negatives 4 --absolute-margin 0.02
      """)

  @OptionGroup var target: CollectionArgument
  @OptionGroup var precision: PrecisionOption
  @OptionGroup var judged: JudgedOptions
  @Option(help: "File to write.")
  var out: String
  @Option(help: "freshet (JSON Lines with rank, score, generation), or triplets.")
  var format = NegativesFormat.freshet
  @Option(help: "Negatives per query.")
  var negatives = 5
  @Option(help: "First rank taken, 0 being the best.")
  var fromRank = 0
  @Option(help: "Rank before which to stop.")
  var toRank = 50
  @Option(help: "Drop what scores above the lowest positive less this.")
  var absoluteMargin: Float?
  @Option(help: "Drop what scores above the lowest positive less this share of it.")
  var relativeMargin: Float?
  @Option(help: "Drop what scores below.")
  var minimumScore: Float?
  @Option(help: "Drop what scores above.")
  var maximumScore: Float?
  @Option(help: "top, random, or softmax.")
  var sampling = "top"
  @Option(help: "Temperature of softmax sampling.")
  var temperature = 0.05
  @Option(help: "Seed of the sampling.")
  var seed: UInt64 = 0
  @OptionGroup var search: SearchFlags
  @OptionGroup var output: JSONFlag

  func validate() throws {
    try require(negatives, atLeast: 1, "--negatives")
    guard temperature > 0 else {
      throw ValidationError("--temperature must be above 0, was \(temperature).")
    }
    guard ["top", "random", "softmax"].contains(sampling) else {
      throw ValidationError("--sampling: \"\(sampling)\" is not top, random or softmax.")
    }
    guard fromRank >= 0, fromRank < toRank else {
      throw ValidationError("ranks \(fromRank) to \(toRank) hold nothing.")
    }
  }

  func run() throws {
    let report = try target.open(precision.precision).mine(
      judged.read(), rules: rules(), format: format, to: URL(fileURLWithPath: out),
      options: search.options, progress: Console.progress)
    if output.json { return try printJSON(report) }
    print(
      "\(report.negatives) negatives for \(report.queries) queries written to \(out); "
        + "\(report.queriesShort) queries have fewer than \(negatives)")
    for rule in RemovalRule.allCases {
      if let removed = report.removed[rule], removed > 0 {
        print(
          String(format: "  %5.2f%% of candidates dropped: ", 100 * report.share(removedBy: rule))
            + rule.rawValue)
      }
    }
  }

  private func rules() throws -> MiningRules {
    var rules = MiningRules()
    rules.rankRange = fromRank..<toRank
    rules.negativesPerQuery = negatives
    rules.absoluteMargin = absoluteMargin
    rules.relativeMargin = relativeMargin
    rules.minimumScore = minimumScore
    rules.maximumScore = maximumScore
    rules.seed = seed
    switch sampling {
    case "random": rules.sampling = .random
    case "softmax": rules.sampling = .softmax(temperature: .init(temperature))
    default: rules.sampling = .top
    }
    return rules
  }
}

extension NegativesFormat: ExpressibleByArgument {}
