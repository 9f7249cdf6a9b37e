public import ArgumentParser
import Foundation
public import Freshet

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train an encoder on query-passage pairs and save it.",
    discussion: """
      DATA is a folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels/train.tsv), or a file of \
      DPR (JSON), sentence-transformers, FlagEmbedding or Tevatron (JSON Lines); each may be \
      compressed by gzip. Loss: InfoNCE over the passages of the batch, and hard negatives, \
      given or drawn from the whole corpus (--negatives). Ctrl-C keeps a checkpoint; --resume goes on.

      Example: freshet train --data squad --from all-MiniLM-L6-v2 --out encoder-b \\
                 --negatives negatives.jsonl --steps 300
      """)

  @Option(help: "Folder or file of the training pairs.")
  var data: String
  @Option(help: "What DATA is. (default: told by its first row)")
  var format: TrainingDataFormat?
  @Option(help: "Passages that a Tevatron file names by id. (default: corpus.jsonl beside it)")
  var corpus: String?
  @Option(help: "Folder of the encoder to start from.")
  var from: String
  @Option(help: "For a plain Hugging Face folder: mean, cls, max, lasttoken, …")
  var pooling: String?
  @Flag(help: "For a plain Hugging Face folder: scale embeddings to unit length.")
  var normalize = false
  @Option(help: "Folder to write the trained encoder to.")
  var out: String
  @OptionGroup(title: "Batches and memory") var batches: BatchOptions
  @OptionGroup(title: "Loss") var loss: LossOptions
  @OptionGroup(title: "Hard negatives") var negatives: NegativeOptions
  @OptionGroup(title: "Optimization") var optimizer: OptimizerOptions
  @OptionGroup(title: "Evaluation during training") var development: DevelopmentOptions
  @Option(help: "Which qrels of DATA to train on.")
  var split = "train"
  @Option(help: "Tokens of a query at most.")
  var maxQueryLength = 32
  @Option(help: "Tokens of a passage at most.")
  var maxPassageLength = 128
  @Option(help: "Steps between checkpoints.")
  var checkpointEvery = 100
  @Option(help: "Checkpoints that are kept.")
  var keep = 2
  @Option(help: "Folder for train.jsonl, TensorBoard's files and report.html. (default: OUT.log)")
  var log: String?
  @Flag(help: "Go on from the last checkpoint.")
  var resume = false
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    try require(checkpointEvery, atLeast: 0, "--checkpoint-every")
    try require(keep, atLeast: 1, "--keep")
    for length in [maxQueryLength, maxPassageLength] { try requireTokens(length) }
  }

  private struct Report: Encodable {
    var encoder: String
    var steps: Int, pairs: Int
    var loss: Float
    var peakBytes: Int
    /// Of `--memory`.
    var plannedBytes: Int?
    var seconds: Double
    /// Of `--negatives`: the source, what it cost, and how stale what it drew by was at the last
    /// step.
    var negatives: String?
    var corpusEncodings: Int?
    var staleness: Double?, correctedStaleness: Double?
    /// Of `--keep-correctable`, at the last step.
    var unforetold: Float?
    /// Of the steps' seconds, those that sampling took.
    var samplingSeconds: Double?
  }

  func run() throws {
    threads.apply()
    let start = Date()
    let encoder = try loadEncoder(from, pooling: pooling, normalizes: normalize ? true : nil)
    let data = try TrainingData(
      path: data, format: format, split: split, negatives: negatives.file, corpus: corpus)
    for note in data.notes { Console.say("note: \(note)") }
    let development = try development.set(besides: self.data)
    let (configuration, plan) = try fitted(encoder, data)
    let steps = StepLog(start: start)
    let summary = try encoder.trained(
      on: data, development: development, configuration: configuration,
      savingTo: URL(fileURLWithPath: out), journal: journal(), resume: resume,
      shouldStop: Interrupt.watch(), encoding: Self.show, progress: { steps.show($0) },
      warning: { Console.say("note: \($0)") })
    let report = Report(
      encoder: summary.encoder, steps: summary.steps, pairs: summary.pairs, loss: summary.loss,
      peakBytes: ProcessUsage.peakBytes, plannedBytes: plan?.peakBytes,
      seconds: Date().timeIntervalSince(start), negatives: configuration.sampling?.source.rawValue,
      corpusEncodings: summary.corpusEncodings, staleness: steps.last?.negatives?.staleness,
      correctedStaleness: steps.last?.negatives?.correctedStaleness,
      unforetold: steps.last?.unforetold,
      samplingSeconds: configuration.sampling == nil ? nil : steps.samplingSeconds)
    if output.json { return try printJSON(report) }
    print(
      String(
        format: "%d steps, %d pairs, loss %.4f, %.0f s, %.2f GB at most; ", report.steps,
        report.pairs, report.loss, report.seconds, Double(report.peakBytes) / 1e9)
        + "encoder \(summary.encoder.prefix(12)) written to \(out)")
  }

  private static func show(_ corpus: CorpusProgress) {
    Console.progress(
      WorkProgress(.encoding, done: corpus.passages, total: corpus.totalPassages))
  }

  /// `--log`, or the folder beside the encoder.
  private func journal() -> TrainingJournal {
    let clock = ContinuousClock()
    let begun = clock.now
    return TrainingJournal(
      folder: URL(fileURLWithPath: log ?? out + ".log"),
      title: "\(URL(fileURLWithPath: from).lastPathComponent) on "
        + URL(fileURLWithPath: data).lastPathComponent,
      reading: {
        MachineReading(
          time: Date().timeIntervalSince1970, seconds: (clock.now - begun) / .seconds(1),
          residentBytes: ProcessUsage.residentBytes)
      })
  }

  /// The configuration, made to keep to `--memory` where that is given, with the plan.
  private func fitted(
    _ encoder: TextEncoder, _ data: TrainingData
  ) throws -> (TrainingConfiguration, MemoryPlan?) {
    guard let cap = batches.memory else { return (configuration(), nil) }
    let (plan, configuration) = try encoder.memoryPlan(
      for: configuration(), pairs: data, passages: data, within: cap,
      goingOnFrom: resume ? URL(fileURLWithPath: out).appendingPathExtension("training") : nil)
    Console.say("memory: \(plan.summary)")
    return (configuration, plan)
  }

  private func configuration() -> TrainingConfiguration {
    var configuration = TrainingConfiguration(
      steps: optimizer.steps, maximumQueryLength: maxQueryLength,
      maximumPassageLength: maxPassageLength, checkpointEvery: checkpointEvery,
      keptCheckpoints: keep)
    batches.apply(to: &configuration)
    loss.apply(to: &configuration)
    negatives.apply(to: &configuration, given: loss.negativesPerQuery)
    optimizer.apply(to: &configuration)
    development.apply(to: &configuration)
    return configuration
  }
}

extension TrainingDataFormat: ExpressibleByArgument {}
