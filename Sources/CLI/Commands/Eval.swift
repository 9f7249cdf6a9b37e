import ArgumentParser
import Foundation
import Freshet

struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score the active generation, or a run, on judged queries.",
    discussion: """
      Figures follow BEIR's and trec_eval's rules (graded nDCG, ties by descending id, a passage \
      of the query's own id is not an answer) unless --rules names others: trec_eval, \
      trec_eval-c, sentence-transformers. What they are is printed with the figures.

      Example: freshet eval my.freshet --queries queries.jsonl --qrels qrels/test.tsv --exact
               freshet eval my.freshet --queries q.jsonl --qrels test.tsv --hybrid --run hybrid.trec
               freshet eval --run-in other.trec --qrels test.tsv --metrics ndcg@10,success@5
      """)

  @Argument(help: "Folder of the collection; not needed with --run-in.")
  var collection: String?
  @OptionGroup var precision: PrecisionOption
  @Option(help: "Queries: JSON Lines {\"_id\",\"text\"} or id⇥text (.tsv); .gz too.")
  var queries: String?
  @Option(help: "Judgements: BEIR (query-id, corpus-id, score) or TREC.")
  var qrels: String
  @OptionGroup var figures: FigureOptions
  @Option(help: "Score this TREC run; nothing is searched.")
  var runIn: String?
  @Option(name: .customLong("run"), help: "Also write the answers as a TREC run.")
  var runFile: String?
  @Option(help: "Name of the run that is written: its last column.")
  var tag = "freshet"
  @Option(help: "Write each query's figures: .jsonl, else tab-separated.")
  var perQuery: String?
  @Option(
    help: """
      Answers {"_id","answers":[…]}: also say how often one stands in the first passages, as DPR \
      counts it; needs the collection.
      """)
  var answers: String?
  @Option(help: "Compare with this TREC run, query by query; see `freshet compare`.")
  var compare: String?
  @OptionGroup var chance: ChanceOptions
  @OptionGroup var search: SearchFlags
  @OptionGroup var scope: ScopeFlags
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    if runIn == nil {
      guard collection != nil, queries != nil else {
        throw ValidationError("Give a collection and --queries, or a run by --run-in.")
      }
    } else if runFile != nil || queries != nil || scope.filter != nil || scope.hybrid {
      throw ValidationError("With --run-in nothing is searched: no --queries, --run or --filter.")
    }
    if answers != nil, collection == nil {
      throw ValidationError("--answers looks into passages: give their collection too.")
    }
  }

  func run() throws {
    threads.apply()
    let (generation, run, report) = try evaluated()
    if let runFile { try run.writeTREC(to: URL(fileURLWithPath: runFile), tag: tag) }
    if let perQuery {
      try report.writePerQuery(figures.metrics, to: URL(fileURLWithPath: perQuery))
    }
    let comparison = try compare.map { try compared(report, with: $0) }
    let accuracy = try answers.map { try answerAccuracy(of: run, $0) }
    let words = EvaluationWords(
      generation: generation, report: report, ruleSet: figures.rules, comparison: comparison,
      answerAccuracy: accuracy)
    if output.json { return try printJSON(words) }
    print(words.text(figures.metrics))
  }

  /// The run, searched or read, and its figures.
  private func evaluated() throws -> (generation: Int?, run: Run, report: EvaluationReport) {
    if let runIn {
      let run = try Run.readTREC(URL(fileURLWithPath: runIn))
      return (nil, run, try figures.evaluate(run, Qrels(contentsOf: URL(fileURLWithPath: qrels))))
    }
    let folder = URL(fileURLWithPath: collection ?? "")
    let evaluation = try PassageCollection.open(
      folder, precision: precision.precision, notice: { Console.say($0) }
    ).evaluate(
      JudgedQueries(queries: queries ?? "", qrels: qrels), metrics: figures.metrics,
      rules: figures.rules.rules, options: scope.apply(to: search.options),
      progress: Console.progress)
    return (evaluation.generation, evaluation.run, evaluation.report)
  }

  private func answerAccuracy(of run: Run, _ file: String) throws -> AnswerAccuracy {
    try PassageCollection.open(URL(fileURLWithPath: collection ?? "")).answerAccuracy(
      of: run, answers: AnswerList.read(path: file), rules: figures.rules.rules,
      matches: { holdsAnswer($0, in: $1) })
  }

  private func compared(_ report: EvaluationReport, with file: String) throws -> RunComparison {
    let other = try figures.evaluate(
      Run.readTREC(URL(fileURLWithPath: file)), Qrels(contentsOf: URL(fileURLWithPath: qrels)))
    return try chance.compare(report, other, figures.metrics)
  }
}
