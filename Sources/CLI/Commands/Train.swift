public import ArgumentParser
import Foundation
public import Freshet

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train an encoder on query-passage pairs and save it.",
    discussion: """
      DATA is a folder in BEIR layout: corpus.jsonl, queries.jsonl, qrels/train.tsv. Loss: InfoNCE \
      over the passages of the batch, and mined negatives when given. Ctrl-C keeps a checkpoint;
      --resume goes on.

      Example: freshet train --data squad --from all-MiniLM-L6-v2 --out encoder-b \\
                 --negatives negatives.jsonl --steps 300
      """)

  @Option(help: "Folder of the training pairs.")
  var data: String
  @Option(help: "Folder of the encoder to start from.")
  var from: String
  @Option(help: "For a plain Hugging Face folder: mean, cls, max, lasttoken, …")
  var pooling: String?
  @Flag(help: "For a plain Hugging Face folder: scale embeddings to unit length.")
  var normalize = false
  @Option(help: "Folder to write the trained encoder to.")
  var out: String
  @Option(help: "in-batch, or grad-cache (the memory of --chunk texts, the same gradient).")
  var method = TrainingMethod.inBatch
  @Option(help: "Negatives mined by `freshet mine`.")
  var negatives: String?
  @Option(help: "Mined negatives per query and step.")
  var negativesPerQuery = 1
  @Option(help: "Which qrels of DATA to train on.")
  var split = "train"
  @Option(help: "Optimizer steps.")
  var steps = 200
  @Option(help: "Pairs per step.")
  var batch = 32
  @Option(help: "Texts encoded at once by grad-cache.")
  var chunk = 16
  @Option(help: "Peak learning rate.")
  var learningRate = 2e-5
  @Option(help: "Softmax temperature.")
  var temperature = 0.05
  @Option(help: "Tokens of a query at most.")
  var maxQueryLength = 32
  @Option(help: "Tokens of a passage at most.")
  var maxPassageLength = 128
  @Option(help: "Steps between checkpoints.")
  var checkpointEvery = 100
  @Option(help: "Seed of shuffling, sampling and dropout.")
  var seed: UInt64 = 1
  @Flag(help: "Go on from the last checkpoint.")
  var resume = false
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    for (value, option) in [
      (steps, "--steps"), (batch, "--batch"), (chunk, "--chunk"),
      (negativesPerQuery, "--negatives-per-query"),
    ] {
      try require(value, atLeast: 1, option)
    }
    try require(checkpointEvery, atLeast: 0, "--checkpoint-every")
    for length in [maxQueryLength, maxPassageLength] { try requireTokens(length) }
    guard learningRate > 0, temperature > 0 else {
      throw ValidationError("--learning-rate and --temperature must be above 0.")
    }
  }

  private struct Report: Encodable {
    var encoder: String
    var steps: Int, pairs: Int
    var loss: Float
    var peakBytes: Int
    var seconds: Double
  }

  func run() throws {
    threads.apply()
    let start = Date()
    let encoder = try loadEncoder(from, pooling: pooling, normalizes: normalize ? true : nil)
    let data = try TrainingData(folder: data, split: split, negatives: negatives)
    let log = StepLog(start: start)
    let summary = try encoder.trained(
      on: data, configuration: configuration(), savingTo: URL(fileURLWithPath: out),
      resume: resume, shouldStop: Interrupt.watch(), progress: { log.show($0) },
      warning: { Console.say("note: \($0)") })
    let report = Report(
      encoder: summary.encoder, steps: summary.steps, pairs: summary.pairs, loss: summary.loss,
      peakBytes: ProcessUsage.peakBytes, seconds: Date().timeIntervalSince(start))
    if output.json { return try printJSON(report) }
    print(
      String(
        format: "%d steps, %d pairs, loss %.4f, %.0f s, %.2f GB at most; ", report.steps,
        report.pairs, report.loss, report.seconds, Double(report.peakBytes) / 1e9)
        + "encoder \(summary.encoder.prefix(12)) written to \(out)")
  }

  private func configuration() -> TrainingConfiguration {
    TrainingConfiguration(
      method: method, batchSize: batch,
      negativesPerQuery: negatives == nil ? 0 : negativesPerQuery, steps: steps,
      temperature: temperature, learningRate: learningRate, maximumQueryLength: maxQueryLength,
      maximumPassageLength: maxPassageLength, chunkRows: chunk, seed: seed,
      checkpointEvery: checkpointEvery)
  }
}

extension TrainingMethod: ExpressibleByArgument {}
