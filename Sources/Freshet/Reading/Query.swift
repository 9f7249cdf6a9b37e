/// A query of an evaluation or training set.
public struct Query: Sendable, Equatable {
  public var id: String
  public var text: String

  public init(id: String, text: String) {
    self.id = id
    self.text = text
  }

  /// Reads all queries of a file: JSON Lines `{"_id" or "id", "text"}` or tab-separated `id⇥text`.
  ///
  /// - Throws: `FreshetError.badInput` naming file and line, also for an id that stands twice.
  public static func read(path: String) throws(FreshetError) -> [Query] {
    var lines = try TextLines(path: path)
    let isTabSeparated = path.hasSuffix(".tsv") || path.hasSuffix(".tsv.gz")
    var queries: [Query] = []
    var seen: Set<String> = []
    while let line = try lines.next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      let query = try isTabSeparated ? fromTabs(line, lines) : fromJSON(line, lines)
      guard seen.insert(query.id).inserted else {
        throw lines.problem("the query id \"\(query.id)\" stands twice")
      }
      queries.append(query)
    }
    return queries
  }

  private static func fromJSON(_ line: String, _ lines: TextLines) throws(FreshetError) -> Query {
    let object = try JSONLine(line, of: lines)
    return Query(id: try object.string("_id", "id"), text: try object.string("text"))
  }

  private static func fromTabs(_ line: String, _ lines: TextLines) throws(FreshetError) -> Query {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 2 else {
      throw lines.problem("\(fields.count) tab-separated fields, expected id and text")
    }
    return Query(id: fields[0], text: fields[1])
  }
}
