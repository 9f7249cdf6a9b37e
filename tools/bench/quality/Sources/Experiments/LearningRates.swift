import Foundation
import Training

/// Peak learning rates, each chosen once on the development questions, which no run trains on and
/// no table is made from.
struct LearningRates {
  /// Of all methods that accumulate, with a bank or without: chosen for GradAccum, the baseline.
  var accumulation = 3e-4
  /// Of GradCache at any batch size: chosen for 128.
  var gradCache = 3e-4
  /// Of one update per 8 questions.
  var sequential = 3e-4
  /// Of plain gradient descent: chosen for ContAccum with the local normaliser.
  var descent = 1.0

  /// The grids that are searched.
  static let adamGrid = [5e-5, 1e-4, 2e-4, 4e-4, 8e-4, 1.6e-3]
  static let descentGrid = [0.1, 0.3, 1.0, 3, 10]
  /// A seed no table uses.
  private static let seed: UInt64 = 1_000

  /// Does the runs that are missing and takes the best rates.
  static func chosen(by runner: Runner, base: ExperimentRun) throws -> LearningRates {
    let grids = Self.grids(base)
    try runner.finish(grids.flatMap(\.runs))
    let best = grids.map { grid in
      grid.runs.max { score($0, runner) < score($1, runner) }?.learningRate ?? 0
    }
    return LearningRates(
      accumulation: best[0], gradCache: best[1], sequential: best[2], descent: best[3])
  }

  /// The development scores of all rates, as a table.
  static func report(_ runner: Runner, base: ExperimentRun) -> String {
    var table = MarkdownTable(["Tuned for", "rate: development MRR@10"])
    for grid in grids(base) {
      let scores = grid.runs.map {
        "\($0.learningRate): \(Points.text(score($0, runner)))"
      }
      table.add([grid.name, scores.joined(separator: ", ")])
    }
    return "### Learning rates\n\n" + table.text
  }

  private static func score(_ run: ExperimentRun, _ runner: Runner) -> Double {
    runner.log[run]?.metrics["mrr@10"] ?? -1
  }

  private static func grids(_ base: ExperimentRun) -> [NamedRuns] {
    let start = base.with {
      $0.split = "dev"
      $0.seed = seed
    }
    let plan = ExperimentPlan(seeds: 1, rates: LearningRates(), base: start)
    let descent = plan.accumulation(bank: ExperimentPlan.bankSize).with {
      $0.optimizer = .descent
      $0.normaliser = .localRows
    }
    return [
      grid("GradAccum (8 × 16)", plan.accumulation(), adamGrid),
      grid("GradCache (128)", plan.gradCache(128), adamGrid),
      grid("Sequential (8)", plan.sequential, adamGrid),
      grid("SGD, ContAccum, local rows", descent, descentGrid),
    ]
  }

  private static func grid(_ name: String, _ run: ExperimentRun, _ rates: [Double]) -> NamedRuns {
    NamedRuns(name: name, runs: rates.map { rate in run.with { $0.learningRate = rate } })
  }
}
