public import ArgumentParser
import Foundation
public import Freshet

struct Mine: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Mine hard negatives: passages that look like an answer and are none.",
    discussion: """
      From a collection's embeddings, or from a folder of vectors (--vectors) that holds \
      corpus.npy and queries.npy (or .fvecs), with corpus.jsonl and queries.jsonl (or \
      corpus.ids.txt and queries.ids.txt, an id a line) saying what their rows are.

      A query's positives, exact copies of them, and its own text are never negatives. Ranks are \
      those of the search, before anything is taken out. The same seed gives the same file. \
      Queries are taken in batches, so memory does not grow with them; Ctrl-C writes nothing.

      Example: freshet mine my.freshet --queries queries.jsonl --qrels qrels/train.tsv \\
                 --out negatives.jsonl --negatives 4 --absolute-margin 0.02
      """)

  @Argument(help: "Folder of the collection.")
  var collection: String?
  @Option(help: "Mine among the vectors of this folder instead of a collection's.")
  var vectors: String?
  @Option(help: "Queries: JSON Lines {\"_id\",\"text\"} or id⇥text (.tsv); .gz too.")
  var queries: String?
  @Option(help: "Judgements: BEIR (query-id, corpus-id, score) or TREC.")
  var qrels: String
  @Option(help: "Mine from this generation (default: the active one).")
  var generation: Int?
  @OptionGroup var precision: PrecisionOption
  @OptionGroup(title: "What is written") var output: MineOutputOptions
  @OptionGroup(title: "Rules") var rules: MineRuleOptions
  @OptionGroup(title: "Rules on answers and a second scorer") var further: MineFurtherRules
  @OptionGroup(title: "Search") var search: SearchFlags
  @OptionGroup var json: JSONFlag

  func validate() throws {
    guard (collection == nil) != (vectors == nil) else {
      throw ValidationError("name either a collection or --vectors.")
    }
    if vectors != nil {
      guard queries == nil else {
        throw ValidationError("--queries: a folder of vectors has its own (queries.jsonl).")
      }
      guard generation == nil else {
        throw ValidationError("--generation: a folder of vectors has none.")
      }
      guard rules.bm25 == 0 else {
        throw ValidationError("--bm25 needs a collection, which can be searched for words.")
      }
    } else if queries == nil {
      throw ValidationError("Missing expected argument '--queries <queries>'")
    }
    try output.check(rules)
  }

  func run() throws {
    let (options, out) = (try options(), URL(fileURLWithPath: output.out))
    let start = Date()
    var report: MiningReport
    if let vectors {
      report = try mineVectors(
        VectorFolder(URL(fileURLWithPath: vectors), qrels: qrels), options: options, to: out,
        progress: Console.progress, shouldStop: Interrupt.watch())
    } else {
      report = try PassageCollection.open(
        URL(fileURLWithPath: collection ?? ""), precision: precision.precision,
        notice: { Console.say($0) }
      ).mine(
        JudgedQueries(queries: queries ?? "", qrels: qrels), options: options, to: out,
        progress: Console.progress, shouldStop: Interrupt.watch())
    }
    report.seconds = Date().timeIntervalSince(start)
    report.peakBytes = ProcessUsage.peakBytes
    if json.json { return try printJSON(report) }
    print(MiningText.words(report, file: output.out, wanted: rules.rules.wanted))
  }

  private func options() throws -> MiningOptions {
    var options = MiningOptions()
    options.rules = rules.rules
    try further.apply(to: &options)
    output.apply(to: &options)
    options.search = search.options
    options.generation = generation
    return options
  }
}
