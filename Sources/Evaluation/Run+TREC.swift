public import Foundation

extension Run {
  /// Reads a TREC run: `query Q0 passage rank score tag`, parted by white space.
  ///
  /// The rank column and the tag are not used, as in trec_eval; a line without tag is accepted.
  /// - Throws: `EvaluationError` naming file and line: unreadable, malformed, a score that is not
  ///   finite, a passage answered twice for one query.
  public static func readTREC(_ file: URL) throws -> Run {
    var run = Run()
    var seen: Set<QueryAndPassage> = []
    try forEachLine(of: file) { number, line in
      let row = try parse(line, at: place(file, number))
      guard seen.insert(QueryAndPassage(query: row.query, passage: row.passage)).inserted else {
        throw EvaluationError(
          .duplicateRow,
          "\(place(file, number)): query \"\(row.query)\" has passage \"\(row.passage)\" twice")
      }
      run.results[row.query, default: []].append((row.passage, row.score))
    }
    return run
  }

  /// Writes a TREC run that `readTREC` and trec_eval read back to the same scores.
  ///
  /// Queries go in ascending order of their ids, answers in the order trec_eval gives them, ranks
  /// from 1. The file appears whole or not at all.
  /// - Parameters:
  ///   - file: replaced when it exists.
  ///   - tag: the run's name, the last column.
  /// - Throws: `EvaluationError` when an id or the tag is empty or holds white space, when a score
  ///   is not finite, or when the file cannot be written.
  public func writeTREC(to file: URL, tag: String = "freshet") throws {
    try Self.requireWord(tag, "tag")
    var text = ""
    for query in results.keys.sorted(by: precedesInBytes) {
      try Self.requireWord(query, "query id")
      let ranked = try rankedHits(results[query] ?? [], query: query, rules: EvaluationRules())
      for (index, hit) in ranked.enumerated() {
        try Self.requireWord(hit.id, "passage id")
        text += "\(query) Q0 \(hit.id) \(index + 1) \(hit.score) \(tag)\n"
      }
    }
    do {
      try Data(text.utf8).write(to: file, options: .atomic)
    } catch {
      let folder = file.deletingLastPathComponent().path
      let reason =
        FileManager.default.fileExists(atPath: folder)
        ? error.localizedDescription : "no such folder"
      throw EvaluationError(.io, "\(file.path): cannot be written: \(reason)")
    }
  }

  private static func requireWord(_ word: String, _ what: String) throws(EvaluationError) {
    guard !word.isEmpty, !word.contains(where: \.isWhitespace) else {
      throw EvaluationError(
        .invalidArgument,
        "a TREC run cannot hold the \(what) \"\(word)\": it is empty or has white space")
    }
  }

  private static func parse(
    _ line: Substring, at place: String
  ) throws(EvaluationError) -> (query: String, passage: String, score: Double) {
    let fields = line.words
    guard fields.count == 6 || fields.count == 5 else {
      throw EvaluationError(
        .malformedRow,
        "\(place): has \(fields.count) columns; a TREC run has query, Q0, passage, rank, score, tag"
      )
    }
    guard let score = Double(fields[4]), score.isFinite else {
      throw EvaluationError(
        .malformedRow, "\(place): the score \"\(fields[4])\" is not a finite number")
    }
    return (String(fields[0]), String(fields[2]), score)
  }
}

private struct QueryAndPassage: Hashable {
  let query, passage: String
}
