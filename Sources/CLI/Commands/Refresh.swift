public import ArgumentParser
import Foundation
public import Freshet

struct Refresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Move the collection to a new encoder without encoding it all again.",
    discussion: """
      Encodes a small sample with the new encoder, fits correctors on it, judges them on passages \
      they have not seen, and moves every other stored embedding by the simplest that is not \
      worse. All but text-ridge read the stored vector alone; that one also reads the text, \
      through the word embeddings of both encoders. --plan shows the predicted quality and the \
      seconds of each way and changes nothing. `freshet rollback` is the way back.

      Example: freshet refresh my.freshet --encoder encoder-b --plan
               freshet refresh my.freshet --encoder encoder-b --min-recovery 0.5
      """)

  @OptionGroup var target: CollectionArgument
  @OptionGroup var encoder: EncoderOptions
  @Flag(help: "Only say what each way would bring and cost.")
  var plan = false
  @Option(help: "Passages to encode anew: a share (5%) or a number.")
  var sample: SampleSize?
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
  }

  func run() throws {
    threads.apply()
    let options = try options()
    let encoder = try encoder.load()
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
    options.seed = seed
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

extension SampleSize: ExpressibleByArgument {
  public init?(argument: String) {
    guard let size = try? SampleSize(parsing: argument) else { return nil }
    self = size
  }
}
