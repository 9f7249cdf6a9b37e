internal import Foundation

/// A passage as users hand it over: an id of their own, a text, perhaps a title and metadata.
public struct Passage: Sendable, Equatable {
  /// The user's id; unique in a collection.
  public var id: String
  /// May be empty.
  public var title: String
  public var text: String
  /// A JSON object as text, or nil.
  public var metadata: String?

  public init(id: String, title: String = "", text: String, metadata: String? = nil) {
    self.id = id
    self.title = title
    self.text = text
    self.metadata = metadata
  }

  /// What an encoder is given: title, space, text, as the BEIR benchmark does.
  public var embeddedText: String { Passage.embeddedText(title: title, text: text) }

  static func embeddedText(title: String, text: String) -> String {
    title.isEmpty ? text : title + " " + text
  }
}

/// Reads passages one by one from JSON Lines (BEIR and alike) or tab-separated files.
///
/// - JSON Lines: `{"_id" or "id", "text" or "contents", "title"?, "metadata"?}`.
/// - Tab-separated (`.tsv`): `id⇥text` or `id⇥text⇥title`; a first line of `id⇥text…` is a header.
/// Either may be gzip-compressed; "-" reads JSON Lines from standard input.
public struct PassageReader {
  private var lines: TextLines
  private let isTabSeparated: Bool

  /// - Throws: `FreshetError.badInput` when the file cannot be opened.
  public init(path: String) throws(FreshetError) {
    lines = try TextLines(path: path)
    isTabSeparated = path.hasSuffix(".tsv") || path.hasSuffix(".tsv.gz")
  }

  /// The next passage, or nil at the end; empty lines are passed over.
  ///
  /// - Throws: `FreshetError.badInput` naming file and line.
  public mutating func next() throws(FreshetError) -> Passage? {
    while let line = try lines.next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      if !isTabSeparated { return try checked(passage(fromJSON: line)) }
      if lines.number == 1, line.hasPrefix("id\ttext") { continue }
      return try checked(passage(fromTabs: line))
    }
    return nil
  }

  private func passage(fromJSON line: String) throws(FreshetError) -> Passage {
    let object = try JSONLine(line, of: lines)
    return Passage(
      id: try object.string("_id", "id", "docid"), title: object.optionalString(["title"]) ?? "",
      text: try object.string("text", "contents"), metadata: object.object("metadata"))
  }

  private func passage(fromTabs line: String) throws(FreshetError) -> Passage {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 2 || fields.count == 3 else {
      throw lines.problem(
        "\(fields.count) tab-separated fields, expected id, text, and perhaps title")
    }
    return Passage(id: fields[0], title: fields.count == 3 ? fields[2] : "", text: fields[1])
  }

  private func checked(_ passage: Passage) throws(FreshetError) -> Passage {
    guard !passage.id.isEmpty else { throw lines.problem("the id is empty") }
    guard ![passage.id, passage.title, passage.text].contains(where: { $0.utf8.contains(0) }) else {
      throw lines.problem("the passage holds the character U+0000, which cannot be stored")
    }
    return passage
  }

  /// An error about the passage last returned.
  func problem(_ what: String) -> FreshetError { lines.problem(what) }
  /// The line of the passage last returned.
  var lineNumber: Int { lines.number }
  /// The file as the user named it.
  var name: String { lines.name }
}
