import Encoder
import Foundation
import Tensors

/// The quality experiments on frozen features; see `tools/bench/quality/run`.
@main
struct TrainingExperiments {
  static func main() {
    do {
      try TrainingExperiments(Options(Array(CommandLine.arguments.dropFirst()))).run()
    } catch {
      FileHandle.standardError.write(Data("training-experiments: \(error)\n".utf8))
      exit(1)
    }
  }

  private let options: Options

  private init(_ options: Options) { self.options = options }

  private func run() throws {
    Threads.use(options.threads)
    try makeFeatures()
    guard options.commands != ["features"] else { return }
    let data = try RunData(
      data: options.data, folder: options.output, questions: options.questions)
    let log = try RunLog(
      options.output.appendingPathComponent("results.jsonl"), features: data.features.origin)
    let runner = Runner(data: data, log: log) { line in
      FileHandle.standardError.write(Data((line + "\n").utf8))
    }
    write(try untrained(data))
    let base = ExperimentRun().with {
      $0.epochs = options.epochs
      $0.questions = options.questions
    }
    let rates = try LearningRates.chosen(by: runner, base: base)
    write(LearningRates.report(runner, base: base))
    let plan = ExperimentPlan(seeds: options.seeds, rates: rates, base: base)
    for experiment in options.experiments { try report(experiment, plan, runner) }
  }

  /// Does what is missing of an experiment, prints its section and writes its charts.
  private func report(
    _ experiment: Experiment, _ plan: ExperimentPlan, _ runner: Runner
  ) throws {
    let cells = experiment.cells(plan)
    try runner.finish(cells.flatMap(\.runs))
    let section = experiment.report(try FinishedCells(cells, log: runner.log), plan)
    write(section.text)
    try section.text.write(
      to: options.output.appendingPathComponent("\(experiment.name).md"), atomically: true,
      encoding: .utf8)
    for chart in section.charts {
      try chart.svg.write(
        to: options.output.appendingPathComponent("\(chart.name).svg"), atomically: true,
        encoding: .utf8)
    }
  }

  /// Puts a section out at once: a run takes long, and whoever waits may want to read.
  private func write(_ section: String) {
    FileHandle.standardOutput.write(Data((section + "\n").utf8))
  }

  /// Computes the features, unless they are there.
  private func makeFeatures() throws {
    let folder = options.output.appendingPathComponent("features")
    let names = folder.appendingPathComponent("names.json").path
    if FileManager.default.fileExists(atPath: names) { return }
    let texts = try TextCollection(folder: options.data)
    let encoder = try TextEncoder(folder: options.encoder)
    let features = FeatureSet(
      origin: "standardised word means, encoder \(encoder.fingerprint.prefix(12))",
      raw: .wordMeans(of: texts, by: encoder), passageIDs: texts.passageIDs,
      queryIDs: texts.queryIDs)
    try features.write(to: folder)
  }

  /// How the features do by themselves: where every run begins.
  private func untrained(_ data: RunData) throws -> String {
    var table = MarkdownTable(["Untrained features", "MRR@10", "R@1", "R@5", "R@20", "R@100"])
    for split in ["dev", "test"] {
      func unit(_ rows: Matrix) -> Matrix {
        var rows = rows
        rows.normalizeRows()
        return rows
      }
      let metrics = try data.judgements(split).evaluate(
        queries: unit, passages: unit, features: data.features
      ).metrics
      table.add(
        [split]
          + ["mrr@10", "recall@1", "recall@5", "recall@20", "recall@100"].map {
            Points.text(metrics[$0] ?? 0)
          })
    }
    return "### Start\n\n" + table.text
  }
}
