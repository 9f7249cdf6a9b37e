import Crypto
import Foundation

/// What going through a corpus once tells: what identifies it, and which passages have equal texts.
struct CorpusSurvey: Sendable {
  /// Number of passages.
  let count: Int
  /// Over ids and texts of all passages, in order.
  let digest: String
  /// For each passage that shares its text, all that do, itself among them.
  private let twins: [Int: [Int]]

  /// - Throws: what the corpus throws.
  init(_ corpus: any PassageCorpus) throws {
    var digest = Digest()
    var first: [TextKey: Int] = [:]
    var groups: [Int: [Int]] = [:]
    for index in 0..<corpus.passageCount {
      let (id, text) = try corpus.passage(at: index)
      digest.add([id, text])
      let key = TextKey(text)
      if let known = first[key] {
        groups[known, default: [known]].append(index)
      } else {
        first[key] = index
      }
    }
    count = corpus.passageCount
    self.digest = digest.hexadecimal()
    twins = groups.values.reduce(into: [:]) { twins, group in
      for index in group { twins[index] = group }
    }
  }

  /// The passages whose text is that of this one, itself among them.
  func sameText(as index: Int) -> [Int] { twins[index] ?? [index] }
}

/// The first 128 bits of a text's SHA-256.
private struct TextKey: Hashable {
  let high: UInt64, low: UInt64

  init(_ text: String) {
    var hash = SHA256()
    hash.update(data: Data(text.utf8))
    let bytes = hash.finalize().prefix(16)
    func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
      bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
    (high, low) = (number(bytes.prefix(8)), number(bytes.dropFirst(8)))
  }
}
