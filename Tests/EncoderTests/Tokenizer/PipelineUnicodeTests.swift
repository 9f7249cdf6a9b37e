import Foundation
import Testing

@testable import Encoder

/// Every Unicode scalar in several neighbourhoods against the reference, as hashes of 4,096
/// scalars at a time.
@Suite("Unicode of pipelines as Hugging Face tokenizers knows it")
struct PipelineUnicodeTests {
  private static let rows = Result {
    try TokenizerFixtures.lines("pipelines/scalars.fnv").map { $0.split(separator: " ") }
  }

  private static let steps: [(name: String, step: NormalizerStep)] = [
    ("NFC", .form(.nfc)), ("NFD", .form(.nfd)), ("NFKC", .form(.nfkc)), ("NFKD", .form(.nfkd)),
    ("StripAccents", .stripAccents), ("Nmt", .nmt), ("Lowercase", .lowercase),
    ("Precompiled", .precompiled(clusterMap)),
  ]

  private static let splits: [(name: String, step: PreTokenizerStep)] = [
    ("ByteLevel", .byteLevel(ByteLevel(addsSpace: false, splitsWords: true))),
    ("Digits", .digits(individual: false)), ("Whitespace", .whitespace),
  ]

  private static let clusterMap = clusterMap(texts: "!\0", place: 0)

  /// A character map that makes the text at `place` of every cluster, as
  /// tokenizer_pipeline_tables.py builds it.
  private static func clusterMap(texts: String, place value: UInt32) -> CharacterMap {
    let (root, leaf) = (UInt32(256), UInt32(512))
    var units = [UInt32](repeating: 0, count: 1024)
    units[0] = root << 10
    for byte in UInt32(1)..<256 {
      let place = root ^ byte
      units[Int(place)] = (place ^ leaf) << 10 | 1 << 8 | byte
    }
    units[Int(leaf)] = value
    let words = [UInt32(units.count * 4)] + units
    let bytes = words.flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
    }
    guard let map = CharacterMap(bytes + Array(texts.utf8)) else {
      preconditionFailure("the map is well formed")
    }
    return map
  }

  @Test(
    "places of a character map outside its texts change nothing",
    arguments: [
      (0, "éé"), (2, "é"), (1, "x"), (3, "x"), (400, "x"),
    ] as [(UInt32, String)])
  func wildPlaces(place: UInt32, expected: String) {
    var output: [UInt8] = []
    let map = Self.clusterMap(texts: "éé\0", place: place)
    map.normalize(Array("x".utf8), into: &output)
    #expect(output == Array(expected.utf8))
  }

  @Test("normalizers treat every scalar as in the reference", arguments: steps.map(\.name))
  func normalizers(name: String) throws {
    let index = try #require(Self.steps.firstIndex { $0.name == name })
    try expectEqual(column: 1 + index) { Self.steps[index].step.apply($0) }
  }

  @Test("pre-tokenizers treat every scalar as in the reference", arguments: splits.map(\.name))
  func preTokenizers(name: String) throws {
    let index = try #require(Self.splits.firstIndex { $0.name == name })
    try expectEqual(column: 1 + Self.steps.count + index) { text in
      var pieces = TextPieces(text, startsText: true)
      Self.splits[index].step.apply(to: &pieces)
      return Array(pieces.ranges.map { pieces.text[$0] }.joined(separator: [0x0A]))
    }
  }

  private func expectEqual(column: Int, _ apply: ([UInt8]) -> [UInt8]) throws {
    let rows = try Self.rows.get()
    #expect(rows.count == 272)
    for row in rows {
      let start = try #require(UInt32(row[0], radix: 16))
      let hash = TokenizerFixtures.hash(apply(Self.text(from: start)))
      #expect(hash == UInt64(row[column], radix: 16), "from U+\(row[0])")
    }
  }

  /// Each scalar of a block between what may join it, be joined by it, or be composed with it.
  private static func text(from start: UInt32) -> [UInt8] {
    let around: [(String, String)] = [
      ("\u{1161}", "\u{327}"), ("a", "\u{301}"), ("\u{A9}\u{200D}", "\u{301}"),
      ("\u{915}\u{94D}", "\u{301}"), ("\u{600}", "\u{11A8}\u{301}"), ("1 ", "b"),
    ]
    var text: [UInt8] = []
    for scalar in start..<start + 4096 where !(0xD800..<0xE000).contains(scalar) {
      for (before, after) in around {
        text.append(contentsOf: before.utf8)
        text.append(scalar: scalar)
        text.append(contentsOf: after.utf8)
      }
    }
    return text
  }
}
