import ArgumentParser
import Foundation
import Freshet

struct RefreshVectors: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh-vectors",
    abstract: "Move a file of embeddings to a new encoder, without a collection.",
    discussion: """
      For embeddings of any origin: encode the texts of a small random sample with the new encoder \
      (5% of them, some hundreds at least), and this moves all others into its space, which may \
      have another dimension. Correctors are fitted on most of the sample and judged on the rest; \
      the simplest that is not worse is used, also for the sample's own rows: exact vectors among \
      corrected ones would push in front. The files are .npy of float32, float16 or \
      float64, or .fvecs; they are read and written in blocks, so they may be larger than memory.

      Example: freshet refresh-vectors stale.npy --sample-rows rows.txt --sample-fresh fresh.npy \
      --plan
               freshet refresh-vectors stale.npy --sample-rows rows.txt --sample-fresh fresh.npy \
      --out corrected.npy
      """)

  @Argument(help: "File of the stored vectors (.npy or .fvecs), one per row.")
  var stale: String
  @Option(help: "Rows of the sample, counted from 0, one per line; with --ids: their ids.")
  var sampleRows: String
  @Option(help: "File of the new encoder's vectors of the sample, in the same order.")
  var sampleFresh: String
  @Option(help: "The id of every stored vector, one per line.")
  var ids: String?
  @Option(help: "File to write, float32 (.npy or .fvecs).")
  var out: String?
  @Option(help: "Such a file to write, too: the predicted error (1 - cosine) of each row.")
  var errors: String?
  @Flag(help: "Only say what correcting would bring.")
  var plan = false
  @Option(help: "File of queries by the new encoder, to judge with.")
  var queries: String?
  @Option(help: "Correctors to try beside keeping, such as procrustes,ridge (default: all).")
  var correctors: CorrectorKinds?
  @Option(help: "Hidden units of the residual MLP.")
  var mlpWidth = 512
  @Option(help: "Refuse to write when less of what was lost comes back (0 to 1).")
  var minRecovery: Double?
  @Flag(
    inversion: .prefixedNo,
    help: "Scale corrected vectors to norm 1 (default: as the sample's new vectors are).")
  var normalize: Bool?
  @Option(help: "Seed of the fit.")
  var seed: UInt64 = 1
  @Option(help: "Write an HTML page about it: prices, intervals, errors, some neighbours.")
  var report: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    guard plan != (out != nil) else {
      throw ValidationError("Give --out, the file to write, or --plan to write none.")
    }
    if plan, errors != nil {
      throw ValidationError("--errors goes with --out: --plan corrects nothing.")
    }
    try requireShare(minRecovery, "--min-recovery")
    try require(mlpWidth, atLeast: 1, "--mlp-width")
    if let kind = correctors?.kinds.first(where: \.readsText) {
      throw ValidationError("--correctors: \(kind.rawValue) reads texts; here are only vectors.")
    }
  }

  func run() throws {
    threads.apply()
    let stale = try VectorFile(path: stale)
    let sample = try VectorSample(list: sampleRows, fresh: sampleFresh, ids: ids, of: stale)
    let options = try options()
    guard let out else {
      let plan = try planVectorRefresh(
        stale, sample: sample, options: options, progress: Console.progress)
      return try show(plan, nil)
    }
    let summary = try refreshVectors(
      stale, sample: sample, to: out, errorsTo: errors, options: options,
      progress: Console.progress, shouldStop: Interrupt.watch())
    try show(summary.plan, summary)
  }

  private func options() throws -> VectorRefreshOptions {
    var options = VectorRefreshOptions()
    options.seed = seed
    options.minimumRecovery = minRecovery
    options.normalizes = normalize
    options.report = report.map { URL(fileURLWithPath: $0) }
    options.queries = try queries.map { try VectorFile(path: $0).all() }
    options.fit.mlp.width = mlpWidth
    options.fit.kinds = correctors?.kinds ?? options.fit.kinds.filter { !$0.readsText }
    return options
  }

  private func show(_ plan: VectorRefreshPlan, _ summary: VectorRefreshSummary?) throws {
    if output.json {
      return try printJSON(VectorReport(plan, out: summary == nil ? nil : out))
    }
    print(VectorReport.words(plan))
    if let summary, let out {
      print(
        String(
          format: "%d vectors of %d dimensions, %@, written to %@ in %.1f s", summary.rows,
          plan.freshDimension, plan.normalizes ? "of norm 1" : "not scaled", out,
          summary.seconds))
    }
  }
}
