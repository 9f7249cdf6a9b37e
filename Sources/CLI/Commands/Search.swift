import ArgumentParser
import Foundation
import Freshet

struct Search: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the passages nearest in meaning to a text.",
    discussion: """
      With --filter, as many come back as asked for when as many pass. With --queries, a file of \
      queries is answered, one JSON object per line. `-k all` with --minimum-score finds every \
      passage that scores at least that.

      Example: freshet search my.freshet "find duplicate files" -k 5
               freshet search my.freshet "duplicate files" --filter 'section = "utils"' --hybrid
               freshet search my.freshet "duplicate files" -k all --minimum-score 0.5
               freshet search my.freshet --queries queries.jsonl -k 100 > answers.jsonl
      """)

  @OptionGroup var target: CollectionArgument
  @OptionGroup var precision: PrecisionOption
  @Argument(help: "The query.")
  var text: String?
  @Option(help: "Queries instead: JSON Lines {\"_id\",\"text\"} or id⇥text (.tsv); .gz too.")
  var queries: String?
  @Option(name: .short, help: "How many passages, or all.")
  var k = HitCount(count: 10)
  @Option(help: "Find only passages whose embedding scores at least this.")
  var minimumScore: Float?
  @Option(help: "Pass over so many of the best: the next page.")
  var offset = 0
  @OptionGroup var scope: ScopeFlags
  @OptionGroup var search: SearchFlags
  @OptionGroup var output: JSONFlag

  func validate() throws {
    try require(k.count, atLeast: 1, "-k")
    try require(offset, atLeast: 0, "--offset")
    guard (text == nil) != (queries == nil) else {
      throw ValidationError("Give a query, or a file of them by --queries.")
    }
    guard text != "" else { throw ValidationError("The query is empty.") }
    if let minimumScore, !minimumScore.isFinite {
      throw ValidationError("--minimum-score must be a number, was \(minimumScore).")
    }
    guard k.count != nil || minimumScore != nil else {
      throw ValidationError("-k all needs a --minimum-score.")
    }
  }

  private var options: SearchOptions {
    var options = scope.apply(to: search.options)
    (options.minimumScore, options.offset) = (minimumScore, offset)
    return options
  }

  func run() throws {
    let collection = try target.open(precision.precision)
    if let queries { return try answer(Query.read(path: queries), from: collection) }
    let result = try collection.search(text ?? "", k: k.count ?? .max, options: options)
    if output.json { return try printJSON(result) }
    for hit in result.hits {
      let title = hit.title.isEmpty ? "" : " \(hit.title):"
      print(String(format: "%.4f  ", hit.score) + "\(hit.id)\(title) \(shortened(hit.text))")
    }
  }

  /// One line of JSON for each query, in the order of the file.
  private func answer(_ queries: [Query], from collection: PassageCollection) throws {
    let blockSize = 256
    for start in stride(from: 0, to: queries.count, by: blockSize) {
      let block = queries[start..<min(start + blockSize, queries.count)]
      let results = try collection.search(
        block.map(\.text), k: k.count ?? .max, options: options)
      for (query, result) in zip(block, results) {
        try printJSON(Answer(id: query.id, result: result))
      }
      Console.progress(
        WorkProgress(.searching, done: start + block.count, total: queries.count))
    }
  }

  private func shortened(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 100 ? line.prefix(99) + "…" : line
  }
}

/// The answer to one query of a file: its id beside what a single search prints.
private struct Answer: Encodable {
  let id: String
  let result: SearchResult

  private enum Key: CodingKey { case id }

  func encode(to encoder: any Encoder) throws {
    try result.encode(to: encoder)
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(id, forKey: .id)
  }
}

/// How many hits: a number, or all.
struct HitCount: ExpressibleByArgument {
  /// Nil is all.
  var count: Int?

  init(count: Int?) { self.count = count }

  init?(argument: String) {
    guard argument != "all" else {
      count = nil
      return
    }
    guard let number = Int(argument) else { return nil }
    count = number
  }

  var defaultValueDescription: String { count.map(String.init) ?? "all" }
}
