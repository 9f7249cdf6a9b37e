public import ArgumentParser
import Foundation
public import Freshet

/// What mining writes.
struct MineOutputOptions: ParsableArguments {
  @Option(help: "File to write; it appears whole or not at all.")
  var out: String

  @Option(
    help: """
      freshet (JSON Lines with rank, score, source, generation), triplets, n-tuple, labeled-pair, \
      labeled-list (sentence-transformers), flag-embedding, tevatron, dpr, or trec. n-tuple leaves \
      out queries with fewer negatives than asked for, the next formats those without any.
      """)
  var format = NegativesFormat.freshet

  @Flag(help: "Write scores, too, where the format takes them.")
  var scores = false

  @Option(
    help: "Write positives and candidates here, for a cross-encoder to score (JSON Lines).")
  var writeCandidates: String?

  @Option(help: "Queries the report shows in full.")
  var examples = 3

  @Option(help: "Queries encoded, searched and written at once.")
  var batch = 2048

  func validate() throws {
    try require(examples, atLeast: 0, "--examples")
    try require(batch, atLeast: 1, "--batch")
    guard !scores || format.takesScores else {
      throw ValidationError("--scores: the format \(format.rawValue) takes none beside its own.")
    }
  }

  /// What the format cannot say.
  func check(_ rules: MineRuleOptions) throws {
    guard !rules.includePositives || format.tellsPositives else {
      let formats = NegativesFormat.allCases.filter(\.tellsPositives).map(\.rawValue)
      throw ValidationError(
        "--include-positives needs a format that tells them apart: "
          + formats.joined(separator: ", ") + ".")
    }
  }

  func apply(to options: inout MiningOptions) {
    options.format = format
    options.scores = scores
    options.candidates = writeCandidates.map { URL(fileURLWithPath: $0) }
    options.examples = examples
    options.batch = batch
  }
}

extension NegativesFormat: ExpressibleByArgument {}
