import ArgumentParser
import Foundation
import Freshet

struct PlanMemory: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how much memory a training run will take, before it runs.",
    discussion: """
      Takes the options of `freshet train` that matter to memory. With --data, lengths are those of \
      the texts; without, every text is taken to be as long as may be. With --memory, says how the \
      run would keep to it: batch, micro-batch and bank stay as they are, only how many tokens are \
      encoded at once is chosen. What does not fit is refused, with what would fit.

      Example: freshet plan-memory --from all-MiniLM-L6-v2 --data squad --method grad-cache \\
                 --batch 128 --memory 1GiB
      """)

  @Option(help: "Folder of the encoder to start from.")
  var from: String
  @Option(help: "For a plain Hugging Face folder: mean, cls, max, lasttoken, …")
  var pooling: String?
  @Option(help: "Folder or file of the training pairs, whose lengths are then counted.")
  var data: String?
  @Option(help: "What DATA is, when it should not be recognised by itself.")
  var format: TrainingDataFormat?
  @Option(help: "Passages that a Tevatron file names by id. (default: corpus.jsonl beside it)")
  var corpus: String?
  @Option(help: "Which qrels of DATA to train on.")
  var split = "train"
  @OptionGroup(title: "Batches and memory") var batches: BatchOptions
  @OptionGroup(title: "Loss") var loss: LossOptions
  @OptionGroup(title: "Hard negatives") var negatives: NegativeOptions
  @Option(help: "Tokens of a query at most.")
  var maxQueryLength = 32
  @Option(help: "Tokens of a passage at most.")
  var maxPassageLength = 128
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    for length in [maxQueryLength, maxPassageLength] { try requireTokens(length) }
  }

  func run() throws {
    threads.apply()
    let encoder = try loadEncoder(from, pooling: pooling)
    let data = try data.map {
      try TrainingData(
        path: $0, format: format, split: split, negatives: negatives.file, corpus: corpus)
    }
    var configuration = TrainingConfiguration(
      steps: 1, maximumQueryLength: maxQueryLength, maximumPassageLength: maxPassageLength)
    batches.apply(to: &configuration)
    loss.apply(to: &configuration)
    negatives.apply(to: &configuration, given: loss.negativesPerQuery)
    let plan = try encoder.memoryPlan(
      for: configuration, pairs: data, passages: data, within: batches.memory
    ).plan
    if output.json { return try printJSON(PlanReport(plan)) }
    print(plan.table)
  }
}

/// A plan as `--json` prints it.
struct PlanReport: Encodable {
  let peakBytes: Int
  let cap: Int?
  let parts: [MemoryPlan.Part]
  let groupTokens: Int, chunkTokens: Int, keptTokens: Int

  init(_ plan: MemoryPlan) {
    (peakBytes, cap, parts) = (plan.peakBytes, plan.cap?.bytes, plan.parts)
    (groupTokens, chunkTokens, keptTokens) = (plan.groupTokens, plan.chunkTokens, plan.keptTokens)
  }
}

extension MemoryPlan {
  /// The parts, one a line, and how a loss is encoded.
  var table: String {
    let lines = (parts.map { ($0.purpose.rawValue, $0.bytes) } + [("peak", peakBytes)]).map {
      $0.0.padding(toLength: 28, withPad: " ", startingAt: 0) + ByteSize(bytes: $0.1).description
    }
    return (lines + [summary]).joined(separator: "\n")
  }

  /// Peak, cap, and how a loss is encoded, in one line.
  var summary: String {
    let cap = cap.map { " of \($0)" } ?? ""
    let way =
      keptTokens >= groupTokens
      ? chunkTokens >= groupTokens ? "at once" : "in chunks of \(chunkTokens)"
      : "in chunks of \(chunkTokens), \(keptTokens) of them once and the rest twice"
    return "\(ByteSize(bytes: peakBytes))\(cap) at the peak; the \(groupTokens) tokens of a loss, "
      + "at most, are encoded \(way)"
  }
}
