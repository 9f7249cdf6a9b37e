import Foundation
import Testing

@testable import Encoder

/// Every Unicode scalar against the reference, as hashes of 4,096 scalars at a time.
@Suite("Unicode as Hugging Face tokenizers knows it")
struct UnicodeFactsTests {
  /// Columns of scalars.fnv after the first, which is the first scalar in hexadecimal.
  enum Column: Int, CaseIterable {
    case cleaned = 1
    case ideographs, unaccented, lowercase, all, classes
  }

  @Test("every scalar is treated as in the reference", arguments: Column.allCases)
  func everyScalar(column: Column) throws {
    let rows = try TokenizerFixtures.lines("scalars.fnv").map { $0.split(separator: " ") }
    #expect(rows.count == 272)
    let normalizer = Self.options(column).map(TextNormalizer.init)
    for row in rows {
      let start = try #require(UInt32(row[0], radix: 16))
      let block = (start..<start + 4096).filter { !(0xD800..<0xE000).contains($0) }
      let output = normalizer.map { Self.normalized(block, $0) } ?? Self.classes(block)
      #expect(Self.hash(output) == UInt64(row[column.rawValue], radix: 16), "from U+\(row[0])")
    }
  }

  private static func options(_ column: Column) -> WordPieceOptions? {
    var options = WordPieceOptions()
    if column == .all { return options }
    if column == .classes { return nil }
    options.cleansText = column == .cleaned
    options.separatesIdeographs = column == .ideographs
    options.stripsAccents = column == .unaccented
    options.lowercases = column == .lowercase
    return options
  }

  /// The block with an "a" before each scalar, normalised.
  private static func normalized(_ block: [UInt32], _ normalizer: TextNormalizer) -> [UInt8] {
    var (text, output): ([UInt8], [UInt8]) = ([], [])
    for scalar in block {
      text.append(scalar: 0x61)
      text.append(scalar: scalar)
    }
    normalizer.normalize(text, 0..<text.count, into: &output)
    return output
  }

  /// Per scalar how many pieces a word falls into at it (1, or 2 at white space, or 3 at
  /// punctuation), and whether `\w` matches it.
  private static func classes(_ block: [UInt32]) -> [UInt8] {
    let classes = ScalarClasses.shared
    let zero = UInt8(ascii: "0")
    return block.flatMap { scalar in
      [zero + 1 + classes.pretokenizerClass(of: scalar), zero + (classes.isWord(scalar) ? 1 : 0)]
    }
  }

  /// FNV-1a, 64 bits.
  private static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  @Test("marks are put in canonical order, stably, across what cleaning drops")
  func markOrder() {
    let cases: [(input: String, output: String)] = [
      ("a\u{302E}\u{1B44}", "a\u{1B44}\u{302E}"),  // classes 224, 9
      ("a\u{302E}\u{302F}", "a\u{302E}\u{302F}"),  // equal classes stay
      ("a\u{302E}\u{200D}\u{1B44}", "a\u{1B44}\u{302E}"),  // a joiner is dropped before
      ("a\u{302E}\u{0301}\u{1B44}", "a\u{1B44}\u{302E}"),  // an accent is dropped after
      ("a\u{302E}\u{0901}\u{1B44}", "a\u{302E}\u{1B44}"),  // a dropped mark of class 0 divides
      ("\u{302E}\u{1B44}", "\u{1B44}\u{302E}"),
    ]
    let normalizer = TextNormalizer(.init())
    for (input, expected) in cases {
      var output: [UInt8] = []
      let bytes = Array(input.utf8)
      normalizer.normalize(bytes, 0..<bytes.count, into: &output)
      #expect(output == Array(expected.utf8), "\(input.unicodeScalars.map(\.value))")
    }
  }
}
