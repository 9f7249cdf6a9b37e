public import ArgumentParser
import Foundation
public import Freshet

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write passages and their vectors in files that other programs read.",
    discussion: """
      Into the folder go corpus.jsonl (BEIR's), corpus.ids.txt, corpus.npy or corpus.fvecs, \
      corpus.lineage.jsonl (the encoder, and what was encoded or corrected) and, with --index, \
      index.faiss, a plain FAISS file: line i, row i and number i are one passage. Deleted passages \
      and those that wait for an embedding are left out. `freshet import` reads the folder, and \
      `freshet mine --vectors` once queries.npy and queries.jsonl lie beside.

      Example: freshet export my.freshet --out exported --index
      """)

  @OptionGroup var target: CollectionArgument
  @Option(help: "Folder to write; made when it is not there.")
  var out: String
  @Option(help: "Generation whose vectors are written (default: the active one).")
  var generation: Int?
  @Option(help: "Format of the vectors: npy or fvecs.")
  var format = VectorFileFormat.numpy
  @Flag(help: "Write the index, too, as a plain FAISS file.")
  var index = false
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func run() throws {
    threads.apply()
    var options = ExportOptions()
    (options.generation, options.vectors, options.index) = (generation, format, index)
    let summary = try target.open().export(
      to: URL(fileURLWithPath: out), options: options, progress: Console.progress,
      shouldStop: Interrupt.watch())
    if output.json { return try printJSON(summary) }
    print(
      "\(summary.passages) passages of generation \(summary.generation), \(summary.dimension) "
        + "dimensions, are in \(out)" + (summary.index.map { "; index \($0)" } ?? "")
        + (summary.pending > 0 ? "; \(summary.pending) wait for an embedding" : ""))
  }
}

extension VectorFileFormat: ExpressibleByArgument {}
