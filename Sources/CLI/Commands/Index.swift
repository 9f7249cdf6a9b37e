import ArgumentParser
import Foundation
import Freshet

struct Index: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build the index of the active generation anew, and tune it to a recall.",
    discussion: """
      With auto, few passages are compared one by one; for many, the richest index that fits the \
      memory is taken: a graph (HNSW), a thinner graph, a scan of 8-bit codes, inverted lists of \
      product codes. Searches then spend the least effort that reaches the recall on --queries \
      (on a sample of the passages when there are none: questions are often harder).

      Example: freshet index my.freshet --recall 0.99 --memory 2GiB --queries dev.jsonl
      """)

  @OptionGroup var target: CollectionArgument
  @Option(help: "auto, or a FAISS factory string such as Flat, HNSW32, IVF256,PQ32.")
  var recipe = "auto"
  @Option(help: "Share of the true neighbours to find.")
  var recall = 0.95
  @Option(name: .shortAndLong, help: "Neighbours the share is measured on.")
  var k = 10
  @Option(
    help: "Memory the index may hold besides the mapped vectors, such as 2GiB.",
    transform: { try ByteSize(parsing: $0) })
  var memory: ByteSize?
  @Option(help: "Queries to tune by: JSON Lines {\"_id\",\"text\"} or id⇥text (.tsv); .gz too.")
  var queries: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws {
    try require(k, atLeast: 1, "-k")
    guard recall > 0, recall <= 1 else {
      throw ValidationError("--recall must lie above 0 and up to 1, was \(recall).")
    }
  }

  func run() throws {
    threads.apply()
    let asking = try queries.map { try Query.read(path: $0) }
    let summary = try target.openForWriting().index(
      recipe, target: IndexTarget(recall: recall, k: k, memory: memory?.bytes), queries: asking,
      progress: Console.progress)
    if output.json { return try printJSON(summary) }
    print("generation \(summary.generation): \(summary.recipe)\(summary.why.map { ": \($0)" } ?? "")")
    print(words(for: summary))
  }

  private func words(for summary: IndexSummary) -> String {
    let tuning = summary.tuning
    let short = tuning.recall < recall ? ", short of the \(recall) asked for" : ""
    let memory =
      summary.bytes > 0 ? String(format: "about %.1f MB in memory; ", Double(summary.bytes) / 1e6) : ""
    return memory + tuning.words + short
  }
}

extension IndexTuning {
  /// The recall, by what effort and on what it was measured.
  var words: String {
    let effort = efSearch.map { " at efSearch \($0)" } ?? probes.map { " at \($0) probes" } ?? ""
    return String(format: "recall@%d %.4f%@ on %d queries", k, recall, effort, queries)
  }
}
