internal import Foundation

/// Answers to queries in words, by the query's id or, where a file has no ids, by its text.
public struct QueryAnswers: Sendable, Equatable {
  private var byID: [String: [String]] = [:]
  private var byText: [String: [String]] = [:]

  /// Reads JSON Lines of `{"query_id" or "_id" or "id", "answers": […]}` (a queries file with
  /// answers will do), or DPR's tab-separated `question⇥["answer", …]` (`.tsv`, `.csv`); .gz too. Lines of
  /// JSON without answers are passed over.
  ///
  /// - Throws: `FreshetError.badInput` naming file and line, also for a query that stands twice,
  ///   and   for a file without answers.
  public init(path: String) throws(FreshetError) {
    let plain = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    let isTabSeparated = plain.hasSuffix(".tsv") || plain.hasSuffix(".csv")
    var lines = try TextLines(path: path)
    while let line = try lines.next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      do throws(RowProblem) {
        try isTabSeparated ? addTabs(line) : addJSON(line)
      } catch {
        throw lines.problem(error.words)
      }
    }
    guard !byID.isEmpty || !byText.isEmpty else {
      throw FreshetError(.badInput, "\(path): holds no \"answers\"")
    }
  }

  /// The answers to a query; none when they are not known.
  public func of(_ query: Query) -> [String] { byID[query.id] ?? byText[query.text] ?? [] }

  private mutating func addJSON(_ line: String) throws(RowProblem) {
    let node = try JSONParser.parse(Array(line.utf8))
    let id = try node.field("query_id", "_id", "id")
    guard let answers = node["answers"] else { return }
    let texts = try answers.list("answers").map { element throws(RowProblem) in
      try element.string("answers")
    }
    let name = try id.node.id(id.name)
    guard byID.updateValue(texts, forKey: name) == nil else {
      throw RowProblem("the query \"\(name)\" stands twice")
    }
  }

  private mutating func addTabs(_ line: String) throws(RowProblem) {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count == 2 else {
      throw RowProblem("\(fields.count) tab-separated fields, expected a question and its answers")
    }
    guard let answers = PythonList(fields[1]).strings else {
      throw RowProblem("\"\(fields[1])\" is no list of strings as Python writes them")
    }
    byText[String(fields[0]), default: []] += answers
  }
}
