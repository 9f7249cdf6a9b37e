import Encoder
import Foundation

/// Files under Tests/Fixtures/tokenizer, written by tools/fixtures/tokenizer_reference.py with
/// PyPI tokenizers 0.23.3.
enum TokenizerFixtures {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/tokenizer")

  static func lines(_ name: String) throws -> [String] {
    let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  /// The texts of the reference, one JSON string per line.
  static func texts(_ name: String = "texts.jsonl") throws -> [String] {
    let array = "[" + (try lines(name)).joined(separator: ",") + "]"
    return try JSONDecoder().decode([String].self, from: Data(array.utf8))
  }

  /// FNV-1a, 64 bits.
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// Ids per text; a line "=" stands for those of `base`.
  static func ids(_ name: String, base: [[Int32]] = []) throws -> [[Int32]] {
    try lines("\(name).ids").enumerated().map { index, line in
      line == "=" ? base[index] : line.split(separator: " ").compactMap { Int32($0) }
    }
  }

  static func vocabulary() throws -> [String] { try lines("vocab/vocab.txt") }

  /// all-MiniLM-L6-v2, where it is on this machine.
  static let model: URL? = {
    let cache = FileManager.default.homeDirectoryForCurrentUser
      .appendingPathComponent(".cache/freshet/models/all-MiniLM-L6-v2")
    let given = ProcessInfo.processInfo.environment["FRESHET_MODEL"].map {
      URL(fileURLWithPath: $0)
    }
    return [given, cache].compactMap(\.self).first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("tokenizer.json").path)
    }
  }()
}
