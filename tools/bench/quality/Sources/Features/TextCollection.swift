import Evaluation
import Foundation

/// The passages, questions and judgements of a folder in BEIR layout, unpacked.
struct TextCollection {
  let passageIDs: [String], passages: [String]
  let queryIDs: [String], queries: [String]

  /// Reads `corpus.jsonl` and `queries.jsonl`.
  ///
  /// - Throws: `ExperimentError` naming the file and line that cannot be read.
  init(folder: URL) throws {
    let passages = try Self.rows(of: folder.appendingPathComponent("corpus.jsonl"))
    let queries = try Self.rows(of: folder.appendingPathComponent("queries.jsonl"))
    passageIDs = passages.map(\._id)
    self.passages = passages.map { [$0.title ?? "", $0.text].filter { !$0.isEmpty } }
      .map { $0.joined(separator: " ") }
    queryIDs = queries.map(\._id)
    self.queries = queries.map(\.text)
  }

  private struct Row: Decodable {
    let _id: String
    let title: String?
    let text: String
  }

  private static func rows(of file: URL) throws -> [Row] {
    guard let bytes = FileManager.default.contents(atPath: file.path) else {
      throw ExperimentError("\(file.path): cannot be read; unpack \(file.lastPathComponent).gz")
    }
    let decoder = JSONDecoder()
    return try bytes.split(separator: UInt8(ascii: "\n")).enumerated().map { index, line in
      do {
        return try decoder.decode(Row.self, from: line)
      } catch {
        throw ExperimentError("\(file.path):\(index + 1): not an object with _id and text")
      }
    }
  }
}
