import ArgumentParser
import Foundation
import Freshet

struct Delete: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Delete passages.",
    discussion: """
      They are not found from then on; `freshet compact` gives their space back. Ids that are not \
      there are passed over.

      Example: freshet delete my.freshet doc17 doc18
               freshet delete my.freshet --ids gone.txt
               freshet delete my.freshet --filter 'year < 1990'
      """)

  @OptionGroup var target: CollectionArgument
  @Argument(help: "Ids of passages.")
  var ids: [String] = []
  @Option(name: .customLong("ids"), help: "File of ids, one per line; - for stdin.")
  var idFile: String?
  @Option(
    help: "Delete the passages this holds for; see `freshet search --help`.",
    transform: { try PassageFilter(parsing: $0) })
  var filter: PassageFilter?
  @OptionGroup var output: JSONFlag

  private struct Report: Encodable {
    var deleted: Int
    var passages: Int
  }

  func validate() throws {
    let ways = [!ids.isEmpty, idFile != nil, filter != nil].count { $0 }
    guard ways == 1 else {
      throw ValidationError("Say what to delete, in one way: ids, --ids FILE or --filter.")
    }
  }

  func run() throws {
    let named = try idFile.map(IDList.read) ?? ids
    let collection = try target.openForWriting()
    let deleted = try filter.map(collection.delete(where:)) ?? collection.delete(ids: named)
    let report = Report(deleted: deleted, passages: try collection.passageCount)
    if output.json { return try printJSON(report) }
    print("\(deleted) deleted; \(report.passages) passages in \(target.collection)")
  }
}

struct Compact: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give the space of deleted passages back.",
    discussion: """
      Writes the active generation and the one before it, to which a rollback goes, without the \
      deleted rows, and swaps them in at once: interrupted, nothing has changed. Older generations \
      are given up. `freshet status` says when it is worth while.

      Example: freshet compact my.freshet
      """)

  @OptionGroup var target: CollectionArgument
  @OptionGroup var output: JSONFlag

  func run() throws {
    let summary = try target.openForWriting().compact(
      progress: Console.progress, shouldStop: Interrupt.watch())
    if output.json { return try printJSON(summary) }
    print(
      summary.removed == 0
        ? "nothing to do: no passage was deleted since the last time"
        : "\(summary.removed) deleted rows are gone; \(summary.passages) passages"
          + (summary.generation.map { ", generation \($0) is active" } ?? ""))
  }
}
