internal import Foundation

/// Texts, one per line of JSON: a string, or an object with "text" (and perhaps "title").
public enum TextList {
  /// All texts of a file; "-" is standard input.
  ///
  /// - Throws: `FreshetError.badInput` naming file and line.
  public static func read(path: String) throws -> [String] {
    var texts: [String] = []
    try forEach(path: path) { texts.append($0) }
    return texts
  }

  /// The same one by one.
  public static func forEach(path: String, _ body: (String) throws -> Void) throws {
    var lines = try TextLines(path: path)
    while let line = try lines.next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      try body(try text(line, lines))
    }
  }

  private static func text(_ line: String, _ lines: TextLines) throws(FreshetError) -> String {
    if line.hasPrefix("\"") {
      guard let text = try? JSONDecoder().decode(String.self, from: Data(line.utf8)) else {
        throw lines.problem("not a JSON string")
      }
      return text
    }
    let object = try JSONLine(line, of: lines)
    return Passage.embeddedText(
      title: object.optionalString(["title"]) ?? "", text: try object.string("text"))
  }
}
