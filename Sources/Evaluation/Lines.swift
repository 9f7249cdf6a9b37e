internal import Foundation

/// Calls `body` with every non-empty line of a UTF-8 text file and its number, counted from 1.
///
/// A byte order mark and carriage returns before line ends are dropped.
/// - Throws: `EvaluationError` when the file cannot be read or a line is not UTF-8; what `body`
///   throws.
func forEachLine(of file: URL, _ body: (_ number: Int, _ line: Substring) throws -> Void) throws {
  let bytes = try contents(of: file)
  var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  var number = 0
  while start < bytes.count {
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
    number += 1
    let trimmed = bytes[start..<end].last == UInt8(ascii: "\r") ? end - 1 : end
    guard let line = String(validating: bytes[start..<trimmed], as: UTF8.self) else {
      throw EvaluationError(
        .malformedRow, "\(place(file, number)): not UTF-8 text; save it as UTF-8")
    }
    if !line.utf8.allSatisfy(isBlank) { try body(number, line[...]) }
    start = end + 1
  }
}

/// Whether the byte is a space or a tab.
func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

extension Substring {
  /// The words between runs of spaces and tabs.
  var words: [Substring] { utf8.split(whereSeparator: isBlank).map { Substring($0) } }

  /// The cells between tabs; a cell may be empty.
  var cells: [Substring] {
    utf8.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
      Substring($0)
    }
  }
}

/// How error messages name a line: `path:number`.
func place(_ file: URL, _ line: Int) -> String { "\(file.path):\(line)" }

private func contents(of file: URL) throws(EvaluationError) -> [UInt8] {
  do {
    return try [UInt8](Data(contentsOf: file))
  } catch {
    let reason =
      FileManager.default.fileExists(atPath: file.path)
      ? error.localizedDescription : "no such file"
    throw EvaluationError(.io, "\(file.path): cannot be read: \(reason)")
  }
}
