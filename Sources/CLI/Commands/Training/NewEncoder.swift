import ArgumentParser
import Foundation
import Freshet

struct NewEncoder: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a small encoder with random weights, to train from scratch.",
    discussion: """
      Its tokenizer is that of another encoder. The same seed gives the same encoder.

      Example: freshet new-encoder --like all-MiniLM-L6-v2 --layers 2 --hidden 128 --out small
      """)

  @Option(help: "Folder of the encoder whose tokenizer it gets.")
  var like: String
  @Option(help: "Folder to write the encoder to.")
  var out: String
  @Option(help: "Transformer layers.")
  var layers = 2
  @Option(help: "Width of hidden states and of embeddings.")
  var hidden = 128
  @Option(help: "Attention heads per layer.")
  var heads = 4
  @Option(help: "Width inside the feed-forward block. (default: 4 × hidden)")
  var intermediate: Int?
  @Option(help: "Most tokens of a text, special ones included.")
  var maxLength = 256
  @Option(help: "Dropout in training.")
  var dropout: Float = 0.1
  @Flag(help: "Begin with the word embeddings of --like; needs --hidden of its width.")
  var keepWordEmbeddings = false
  @Option(help: "Seed of the weights.")
  var seed: UInt64 = 1

  func run() throws {
    let fingerprint = try EncoderFolder.writeRandom(
      EncoderShape(
        layers: layers, hidden: hidden, heads: heads, intermediate: intermediate ?? 4 * hidden,
        maximumLength: maxLength, dropout: dropout),
      like: URL(fileURLWithPath: like), seed: seed, keepingWordEmbeddings: keepWordEmbeddings,
      to: URL(fileURLWithPath: out))
    print("encoder \(fingerprint.prefix(12)) written to \(out)")
  }
}
