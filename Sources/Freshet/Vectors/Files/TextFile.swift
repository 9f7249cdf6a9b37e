internal import Foundation

/// The file of texts or ids that lies beside a matrix.
struct TextFile {
  let path: String
  /// Whether it holds texts, not ids alone.
  let hasTexts: Bool
  private let vectors: String
  private let rows: Int

  /// - Throws: `FreshetError.badInput` when there is none.
  init(beside vectors: String, rows: Int) throws(FreshetError) {
    let stem = URL(fileURLWithPath: vectors).deletingPathExtension().path
    let names = [".jsonl", ".jsonl.gz", ".ids.txt"]
    guard
      let name = names.first(where: { FileManager.default.fileExists(atPath: stem + $0) })
    else {
      throw FreshetError(
        .badInput, "\(stem).jsonl (or .jsonl.gz, or .ids.txt): no such file; it says what the rows "
          + "of \(vectors) are")
    }
    (path, hasTexts) = (stem + name, name != ".ids.txt")
    (self.vectors, self.rows) = (vectors, rows)
  }

  /// - Throws: `FreshetError.badInput` when there is not a line for each row.
  func check(lines: Int) throws(FreshetError) {
    guard lines == rows else {
      throw FreshetError(
        .badInput,
        "\(path) has \(lines) records, \(vectors) \(rows) rows: row i belongs to record i")
    }
  }

  /// The lines of a file of ids.
  func ids() throws(FreshetError) -> [String] {
    var lines = try TextLines(path: path)
    var ids: [String] = []
    var seen: Set<String> = []
    while let line = try lines.next() {
      guard !line.isEmpty else { throw lines.problem("the id is empty") }
      guard seen.insert(line).inserted else {
        throw lines.problem("the id \"\(line)\" stands twice")
      }
      ids.append(line)
    }
    return ids
  }
}
