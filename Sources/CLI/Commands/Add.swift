import ArgumentParser
import Freshet

struct Add: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add passages, or replace those of the same id.",
    discussion: """
      The collection is made when it does not exist. All passages are added, or none. Changed texts \
      wait for a new embedding: run `freshet encode` afterwards.

      Example: freshet add my.freshet corpus.jsonl.gz
      """)

  @OptionGroup var target: CollectionArgument
  @Argument(
    help: "JSON Lines {\"_id\",\"title\",\"text\"} or id⇥text⇥title (.tsv); .gz too; - for stdin.")
  var file: String
  @OptionGroup var output: JSONFlag

  func run() throws {
    // The file first: one that cannot be read leaves no empty collection behind.
    let passages = try PassageCollection.passages(contentsOf: file, progress: Console.progress)
    let collection = try PassageCollection.openOrCreate(
      target.url, notice: { Console.say($0) })
    let summary = try collection.add(passages)
    if output.json { return try printJSON(summary) }
    print(
      "\(summary.added) added, \(summary.changed) changed, \(summary.unchanged) unchanged; "
        + "\(summary.passages) passages in \(target.collection)")
  }
}
