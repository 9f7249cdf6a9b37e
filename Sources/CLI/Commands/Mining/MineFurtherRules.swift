public import ArgumentParser
import Foundation
public import Freshet

/// Rules that need more than embeddings: answers in words, and a second scorer's scores.
struct MineFurtherRules: ParsableArguments {
  @Option(
    help: """
      Answers in words: JSON Lines {\"_id\", \"answers\": […]} (a queries file may have them), or \
      DPR's question⇥[\"answer\"] (.tsv). A passage that holds one is dropped.
      """)
  var answers: String?
  @Flag(help: "Only count passages that hold an answer, do not drop them.")
  var keepAnswers = false
  @Option(
    help: """
      Scores of a second scorer: query⇥passage⇥score, or a TREC run. Bounds on them hold beside \
      those on inner products; give only these to judge by the second scorer alone.
      """)
  var crossScores: String?
  @Option(help: "Drop what the second scorer scores above the positive less this.")
  var crossAbsoluteMargin: Float?
  @Option(help: "The same with this share of the positive's score.")
  var crossRelativeMargin: Float?
  @Option(help: "Drop what the second scorer scores below.")
  var crossMinimumScore: Float?
  @Option(help: "Drop what the second scorer scores above.")
  var crossMaximumScore: Float?
  @Option(help: "A candidate without its score, or without a positive's for a margin: keep, drop.")
  var crossMissing = UnscoredPolicy.keep

  func validate() throws {
    guard answers != nil || !keepAnswers else {
      throw ValidationError("--keep-answers needs --answers.")
    }
    guard crossScores != nil || bounds == ScoreBounds() && crossMissing == .keep else {
      throw ValidationError("--cross-… rules need --cross-scores.")
    }
  }

  private var bounds: ScoreBounds {
    ScoreBounds(
      absoluteMargin: crossAbsoluteMargin, relativeMargin: crossRelativeMargin,
      minimumScore: crossMinimumScore, maximumScore: crossMaximumScore)
  }

  func apply(to options: inout MiningOptions) throws {
    options.answers = try answers.map { try QueryAnswers(path: $0) }
    options.rules.dropsAnswers = !keepAnswers
    options.crossScores = try crossScores.map {
      try CrossScores(contentsOf: URL(fileURLWithPath: $0))
    }
    options.rules.cross = bounds
    options.rules.unscored = crossMissing
  }
}

extension UnscoredPolicy: ExpressibleByArgument {}
