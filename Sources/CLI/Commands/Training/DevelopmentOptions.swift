import ArgumentParser
import Freshet

/// Evaluation while training goes on.
struct DevelopmentOptions: ParsableArguments {
  @Option(help: "Which qrels of DATA to evaluate on while training; the best weights are saved.")
  var devSplit: String?
  @Option(help: "Pairs to evaluate on instead, in a file or folder of their own.")
  var devData: String?
  @Option(help: "Passages to search then: all judged ones, filled up at random; 0 for all.")
  var devPassages = 2000
  @Option(help: "Queries to ask then, drawn at random; 0 for all.")
  var devQueries = 500
  @Option(help: "The metric that decides, such as ndcg@10, mrr@10, recall@1.")
  var devMetric = "ndcg@10"
  @Option(help: "Steps between evaluations.")
  var evaluateEvery = 100
  @Option(help: "Stop after so many evaluations in a row that are no better.")
  var patience: Int?

  func validate() throws {
    try require(devPassages, atLeast: 0, "--dev-passages")
    try require(devQueries, atLeast: 0, "--dev-queries")
    try require(evaluateEvery, atLeast: 1, "--evaluate-every")
    try require(patience, atLeast: 1, "--patience")
    guard devSplit == nil || devData == nil else {
      throw ValidationError("--dev-split and --dev-data are two ways to say one thing.")
    }
    guard patience == nil || isAsked else {
      throw ValidationError(
        "--patience needs --dev-split or --dev-data, for it counts evaluations.")
    }
    do {
      _ = try Metric(parsing: devMetric)
    } catch {
      throw ValidationError("--dev-metric: \(error)")
    }
  }

  private var isAsked: Bool { devSplit != nil || devData != nil }

  /// The development set, if one was asked for.
  ///
  /// - Parameter data: where the training pairs come from.
  func set(besides data: String) throws -> DevelopmentSet? {
    guard isAsked else { return nil }
    let pairs = try devData.map { try TrainingData(path: $0) }
      ?? TrainingData(path: data, split: devSplit ?? "dev")
    return try pairs.developmentSet(
      queries: devQueries == 0 ? nil : devQueries,
      passages: devPassages == 0 ? nil : devPassages, deciding: Metric(parsing: devMetric))
  }

  func apply(to configuration: inout TrainingConfiguration) {
    guard isAsked else { return }
    configuration.evaluateEvery = evaluateEvery
    configuration.patience = patience
  }
}
