import ArgumentParser
import Foundation
import Freshet

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take in vectors that an encoder made elsewhere, instead of encoding again.",
    discussion: """
      The folder holds corpus.npy or corpus.fvecs, and beside it corpus.jsonl (its passages are \
      added) or corpus.ids.txt (of passages that are here already): row i is line i. An index.faiss \
      of just these rows is taken, too. Some passages are encoded again and compared before anything \
      is changed: vectors of another encoder are refused. What an export says of corrected vectors \
      stays known. The result is the active generation.

      Example: freshet import my.freshet exported --encoder all-MiniLM-L6-v2
      """)

  @OptionGroup var target: CollectionArgument
  @Argument(help: "Folder of the vectors, as `freshet export` writes it.")
  var folder: String
  @OptionGroup var encoder: EncoderOptions
  @Option(
    help: "Index to build: auto, or a FAISS factory string (default: the folder's, or as before).")
  var index: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func run() throws {
    threads.apply()
    // The folder first: one that does not fit leaves no empty collection behind.
    let given = try ImportFolder(URL(fileURLWithPath: folder), encoder: encoder.load())
    let collection = try PassageCollection.openOrCreate(target.url, notice: { Console.say($0) })
    let summary = try collection.importVectors(
      given, index: index, progress: Console.progress, shouldStop: Interrupt.watch())
    if output.json { return try printJSON(summary) }
    print(
      "generation \(summary.generation): \(summary.vectors) vectors taken, \(summary.corrected) of "
        + "them corrected ones, \(summary.added) passages added and \(summary.changed) changed; "
        + "index \(summary.index)"
        + (summary.indexImported ? ", the folder's" : "")
        + (summary.pending > 0
          ? "; \(summary.pending) wait for an embedding: run `freshet encode`" : ""))
  }
}
