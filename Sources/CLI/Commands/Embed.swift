public import ArgumentParser
import Foundation
public import Freshet

struct Embed: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Embed texts into a file of vectors, without a collection.",
    discussion: """
      Example: freshet embed --encoder all-MiniLM-L6-v2 --texts texts.jsonl --out vectors.npy
      """)

  @OptionGroup var encoder: EncoderOptions
  @Option(help: "JSON Lines {\"text\"} or strings; .gz too; - for stdin.")
  var texts: String
  @Option(help: "File to write, .npy or .fvecs: float32 (texts, dimension).")
  var out: String
  @Option(name: .customLong("as"), help: "query or passage; decides the prompt.")
  var role = TextRole.passage
  @Option(help: "Tokens per text at most.")
  var maxLength: Int?
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: JSONFlag

  func validate() throws { try requireTokens(maxLength) }

  private struct Report: Encodable {
    var encoder: String
    var texts: Int, tokens: Int, truncated: Int, dimension: Int
    /// Of tokenising and encoding, not of loading.
    var seconds: Double
  }

  func run() throws {
    threads.apply()
    let encoder = try encoder.load()
    let texts = try TextList.read(path: texts)
    let start = Date()
    let encoded = encoder.encode(texts, as: role, maximumLength: maxLength) {
      Console.progress(
        WorkProgress(.encoding, done: $0.texts, total: $0.totalTexts, tokens: $0.tokens))
    }
    let seconds = Date().timeIntervalSince(start)
    if let place = encoded.embeddings.firstNonFinite() {
      throw FreshetError(
        .damaged,
        "\(encoder.folder(for: role).weightsPath): the encoder gives "
          + "\(encoded.embeddings[place.row, place.column]) for text \(place.row + 1) of "
          + "\(texts.count): its weights are damaged, nothing was written")
    }
    try VectorFile.write(encoded.embeddings, to: out)
    let report = Report(
      encoder: encoder.fingerprint, texts: texts.count, tokens: encoded.tokens,
      truncated: encoded.truncatedTexts, dimension: encoder.dimension, seconds: seconds)
    if output.json { return try printJSON(report) }
    print(
      String(
        format: "%d texts, %d tokens in %.2f s (%.0f tokens/s); %d cut at the model's limit; ",
        report.texts, report.tokens, seconds, Double(report.tokens) / max(seconds, 1e-9),
        report.truncated) + "written to \(out)")
  }
}

extension TextRole: ExpressibleByArgument {}

struct Tokenize: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Turn texts into token ids.",
    discussion: """
      Reads one JSON string per line, writes one JSON array of ids per line, special tokens included.

      Example: echo '"hello world"' | freshet tokenize --encoder all-MiniLM-L6-v2
      """)

  @OptionGroup var encoder: EncoderOptions
  @Option(help: "Cut to this many tokens.")
  var maxLength: Int?

  func validate() throws { try requireTokens(maxLength) }

  func run() throws {
    let encoder = try encoder.load()
    try TextList.forEach(path: "-") { text in
      let ids = encoder.tokenizeUncut(text, maximumLength: maxLength).ids
      print("[" + ids.map(String.init).joined(separator: ",") + "]")
    }
  }
}
