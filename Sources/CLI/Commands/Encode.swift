import ArgumentParser
import Freshet

struct Encode: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Embed the passages that have no embedding yet, and make the result active.",
    discussion: """
      With the encoder of the active generation, only new and changed passages are encoded. With \
      another encoder, all are: `freshet refresh` is the cheap way to change encoders. Interrupted, \
      run it again to go on.

      Example: freshet encode my.freshet --encoder all-MiniLM-L6-v2
      """)

  @OptionGroup var target: CollectionArgument
  @OptionGroup var encoder: EncoderOptions
  @Option(
    help:
      "Index: auto, or a FAISS factory string such as Flat, HNSW32, IVF256,Flat (default: as before)."
  )
  var index: String?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func run() throws {
    threads.apply()
    let collection = try target.openForWriting()
    let summary = try collection.encode(
      with: try encoder.load(), index: index, progress: Console.progress,
      shouldStop: Interrupt.watch())
    if output.json { return try printJSON(summary) }
    print(
      "generation \(summary.generation): \(summary.passages) passages, "
        + "\(summary.newlyEncoded) encoded now (\(summary.tokens) tokens, "
        + "\(summary.truncated) texts cut at the model's limit)")
  }
}
