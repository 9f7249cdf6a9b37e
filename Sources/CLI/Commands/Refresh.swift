public import ArgumentParser
import Foundation
public import Freshet

struct Refresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Move the collection to a new encoder without encoding it all again.",
    discussion: """
      Encodes a small sample with the new encoder, fits correctors on it, judges them on passages \
      they have not seen, and moves every other stored embedding by the simplest that is not \
      worse. All but text-ridge and text-mlp read the stored vector alone; these also read the \
      text, through the word embeddings of both encoders. --plan shows the predicted quality and the \
      seconds of each way and changes nothing. `freshet rollback` is the way back.

      The intervals say how sure the prediction is. --interval-width enlarges the sample until it \
      is sure enough; what is encoded by then is used again.

      With --budget some passages are encoded beside, where the predicted error is greatest; \
      --continue encodes corrected ones in the same order until none is left.

      Example: freshet refresh my.freshet --encoder encoder-b --plan
               freshet refresh my.freshet --encoder encoder-b --min-recovery 0.5
               freshet refresh my.freshet --continue --budget 10%
      """)

  @OptionGroup var target: CollectionArgument
  @Option(help: "Folder of the new encoder (sentence-transformers, or plain Hugging Face).")
  var encoder: String?
  @OptionGroup var details: EncoderDetails
  @Flag(
    name: .customLong("continue"),
    help: "Encode corrected passages, those of greatest predicted error first.")
  var goesOn = false
  @Option(
    help: """
      Passages to encode beyond the sample, or by this step of --continue: a share or a number.
      """)
  var budget: SampleSize?
  @Option(help: "Queries as users ask them: what they find is encoded before the rest.")
  var queryLog: String?
  @Flag(help: "Only say what each way would bring and cost.")
  var plan = false
  @Option(help: "Passages to encode anew: a share (5%) or a number.")
  var sample: SampleSize?
  @Option(
    help: """
      simple: every passage has the same chance. stratified: in proportion from each cluster of \
      the stored vectors.
      """)
  var sampling: SamplingDesign?
  @Option(
    help: """
      Double the sample until the interval of neighbours@10 is this narrow (0.05), or the sample \
      would be half of the passages.
      """)
  var intervalWidth: Double?
  @Option(help: "Correctors to try beside keeping, such as ridge,text-ridge (default: all).")
  var correctors: CorrectorKinds?
  @Option(help: "Refuse to go live when less of what was lost comes back (0 to 1).")
  var minRecovery: Double?
  @Option(help: "Seed of the sample and the fit.")
  var seed: UInt64 = 1
  @Option(help: "Index: auto, or a FAISS factory string (default: as before).")
  var index: String?
  @Option(help: "Judged queries: each way is then measured on them, too.")
  var queries: String?
  @Option(help: "Their judgements.")
  var qrels: String?
  @Option(help: "Write an HTML page about it: prices, intervals, errors, some neighbours.")
  var report: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    guard (queries == nil) == (qrels == nil) else {
      throw ValidationError("--queries and --qrels go together.")
    }
    try requireShare(minRecovery, "--min-recovery")
    if let intervalWidth, !(intervalWidth > 0 && intervalWidth < 1) {
      throw ValidationError("--interval-width must lie between 0 and 1, was \(intervalWidth).")
    }
    guard goesOn == (encoder == nil) else {
      throw ValidationError(
        goesOn
          ? "--continue goes on with the encoder of the active generation: leave out --encoder."
          : "Give the new encoder by --encoder, or go on with --continue.")
    }
    let others: [(String, Bool)] = [
      ("--plan", plan), ("--sample", sample != nil), ("--sampling", sampling != nil),
      ("--interval-width", intervalWidth != nil), ("--correctors", correctors != nil),
      ("--min-recovery", minRecovery != nil), ("--index", index != nil),
      ("--queries", queries != nil), ("--report", report != nil),
      ("--query-log", queryLog != nil),
    ]
    if goesOn, let other = others.first(where: \.1) {
      throw ValidationError("\(other.0) means nothing with --continue.")
    }
    if queryLog != nil, budget == nil {
      throw ValidationError("--query-log says where --budget is spent: give both.")
    }
  }

  func run() throws {
    threads.apply()
    guard let encoder else { return try goOn() }
    try refresh(to: details.load(encoder))
  }

  private func goOn() throws {
    let result = try target.openForWriting().continueRefresh(
      budget: budget, progress: Console.progress, shouldStop: Interrupt.watch())
    if output.json { return try printJSON(result) }
    print("\(result.encoded) passages encoded; generation \(result.generation) is active: "
      + (result.isFinished
        ? "every embedding comes from the encoder"
        : "\(result.corrected) embeddings are corrected ones"
          + (result.waiting > 0
            ? ", \(result.waiting) of them are encoded and wait: mixing was judged to do harm" : "")))
  }

  private func refresh(to encoder: TextEncoder) throws {
    let options = try options()
    let collection = try target.openForWriting()
    let shouldStop = Interrupt.watch()
    if plan {
      let plan = try collection.planRefresh(
        to: encoder, options: options, progress: Console.progress, shouldStop: shouldStop)
      return try show(plan, nil)
    }
    let summary = try collection.refresh(
      to: encoder, options: options, progress: Console.progress, shouldStop: shouldStop)
    try show(summary.plan, summary)
  }

  private func options() throws -> RefreshOptions {
    var options = RefreshOptions()
    if let sample { options.sample = sample }
    if let sampling { options.sampling = sampling }
    options.intervalWidth = intervalWidth
    options.seed = seed
    options.budget = budget
    if let queryLog { options.queryLog = try Query.read(path: queryLog) }
    options.minimumRecovery = minRecovery
    options.index = index
    options.report = report.map { URL(fileURLWithPath: $0) }
    if let correctors { options.fit.kinds = correctors.kinds }
    if let queries, let qrels {
      options.judged = try JudgedQueries(queries: queries, qrels: qrels)
    }
    return options
  }

  private func show(_ plan: RefreshPlan, _ summary: RefreshSummary?) throws {
    if output.json {
      return try printJSON(RefreshReport(plan, generation: summary?.generation.generation))
    }
    print(RefreshReport.words(plan))
    if let summary {
      print(
        String(
          format: "generation %d is active: %d passages, %d corrected, %d encoded, in %.1f s",
          summary.generation.generation, summary.generation.passages, summary.generation.corrected,
          summary.generation.encoded, summary.seconds))
    }
  }
}

/// Kinds of corrector, with commas between them.
struct CorrectorKinds: ExpressibleByArgument {
  let kinds: [CorrectorKind]

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    kinds = names.compactMap { CorrectorKind(rawValue: String($0)) }
    if kinds.count < names.count { return nil }
  }

  static let allValueStrings = CorrectorKind.allCases.map(\.rawValue)
}

extension SamplingDesign: ExpressibleByArgument {}

extension SampleSize: ExpressibleByArgument {
  public init?(argument: String) {
    guard let size = try? SampleSize(parsing: argument) else { return nil }
    self = size
  }
}
