import ArgumentParser
import Foundation
import Freshet

struct Search: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the passages nearest in meaning to a text.",
    discussion: "Example: freshet search my.freshet \"find duplicate files\" -k 5")

  @OptionGroup var target: CollectionArgument
  @OptionGroup var precision: PrecisionOption
  @Argument(help: "The query.")
  var text: String
  @Option(name: .short, help: "How many passages.")
  var k = 10
  @OptionGroup var search: SearchFlags
  @OptionGroup var output: JSONFlag

  func validate() throws {
    guard k >= 1 else { throw ValidationError("-k must be at least 1, was \(k).") }
    guard !text.isEmpty else { throw ValidationError("The query is empty.") }
  }

  func run() throws {
    let result = try target.open(precision.precision).search(text, k: k, options: search.options)
    if output.json { return try printJSON(result) }
    for hit in result.hits {
      let title = hit.title.isEmpty ? "" : " \(hit.title):"
      print(String(format: "%.4f  ", hit.score) + "\(hit.id)\(title) \(shortened(hit.text))")
    }
  }

  private func shortened(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 100 ? line.prefix(99) + "…" : line
  }
}
