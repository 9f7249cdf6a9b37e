internal import Foundation
internal import Store

/// Where exported vectors come from: `corpus.lineage.jsonl`, whose first line is of the generation and
/// whose others are of a row each, so that what a corrector made is not taken for an encoder's.
struct ExportLineage {
  /// The first line.
  struct Generation: Codable, Equatable {
    var generation: Int
    /// Fingerprint.
    var encoder: String
    var dimension: Int, passages: Int
    /// The factory string of the index beside it, when there is one.
    var index: String?
  }

  /// A further line.
  struct Row: Codable, Equatable {
    var provenance: Provenance
    /// 1 − cosine to what the encoder would give, where a corrector foretold it.
    var predictedError: Double?
  }

  let path: String
  let generation: Generation
  let rows: [Row]

  /// - Throws: `FreshetError.badInput` naming file and line.
  init(path: String) throws(FreshetError) {
    self.path = path
    var lines = try TextLines(path: path)
    guard let first = try lines.next() else { throw FreshetError(.badInput, "\(path): is empty") }
    generation = try Self.decoded(first, lines)
    var rows: [Row] = []
    while let line = try lines.next() { rows.append(try Self.decoded(line, lines)) }
    guard rows.count == generation.passages else {
      throw FreshetError(
        .badInput,
        "\(path): has \(rows.count) rows, its first line says \(generation.passages): it was cut")
    }
    self.rows = rows
  }

  private static func decoded<Value: Decodable>(
    _ line: String, _ lines: TextLines
  ) throws(FreshetError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(line.utf8))
    } catch {
      throw lines.problem("is no line of an export's lineage")
    }
  }

  /// A line of such a file.
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
  }
}
