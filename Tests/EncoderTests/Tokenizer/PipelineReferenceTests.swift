import Encoder
import Foundation
import Testing

/// Tokenizers trained by tools/fixtures/tokenizer_pipeline_reference.py, and hashes of the ids
/// that PyPI tokenizers 0.23.3 gives for the odd texts and those of the WordPiece reference.
@Suite("Pipelines against Hugging Face tokenizers")
struct PipelineReferenceTests {
  static let folder = TokenizerFixtures.folder.appendingPathComponent("pipelines")

  static func texts() throws -> [String] {
    try TokenizerFixtures.texts("pipelines/odd.jsonl") + TokenizerFixtures.texts()
  }

  @Test(
    "ids equal the reference",
    arguments: [
      "roberta", "legacy", "xlmr", "metaspace", "albert", "llama", "first", "clip", "prefixed",
      "mpnet",
      "pieces", "merges",
    ])
  func ids(kind: String) throws {
    try expectEqual(kind, "\(kind).fnv", maximumLength: nil)
  }

  @Test("texts cut on the left equal the reference", arguments: ["legacy", "merges"])
  func cutOnTheLeft(kind: String) throws {
    try expectEqual(kind, "\(kind)-9.fnv", maximumLength: 9)
  }

  private func expectEqual(_ kind: String, _ hashes: String, maximumLength: Int?) throws {
    let tokenizer = try Tokenizers.read(folder: Self.folder.appendingPathComponent(kind))
    let expected = try TokenizerFixtures.lines("pipelines/\(hashes)")
    let texts = try Self.texts()
    #expect(texts.count > 1200 && texts.count == expected.count)
    for (text, hash) in zip(texts, expected) {
      let got = tokenizer.tokenize(text, maximumLength: maximumLength).ids
      let line = got.map(String.init).joined(separator: " ")
      #expect(
        TokenizerFixtures.hash(line.utf8) == UInt64(hash, radix: 16),
        "\(text.debugDescription) became \(line)")
    }
  }

  @Test("a cut tells how much it took and keeps the special tokens", arguments: [2, 3, 9, 100])
  func truncatedTokens(length: Int) throws {
    for (kind, cutsLeft) in [("legacy", true), ("roberta", false), ("xlmr", false)] {
      let tokenizer = try Tokenizers.read(folder: Self.folder.appendingPathComponent(kind))
      let whole = tokenizer.tokenize("the fresh index of the encoder", maximumLength: nil).ids
      let cut = tokenizer.tokenize("the fresh index of the encoder", maximumLength: length)
      let text = whole.dropFirst().dropLast()
      let kept = cutsLeft ? text.suffix(length - 2) : text.prefix(length - 2)
      #expect(cut.ids == [whole[0]] + kept + [2], "\(kind)")
      #expect(cut.truncatedTokens == max(0, whole.count - length), "\(kind)")
    }
  }

  @Test("the empty text is the special tokens alone")
  func emptyText() throws {
    for (kind, ids) in [("roberta", [0, 2]), ("xlmr", [0, 2]), ("mpnet", [0, 2]), ("llama", [])] {
      let tokenizer = try Tokenizers.read(folder: Self.folder.appendingPathComponent(kind))
      #expect(tokenizer.tokenize("", maximumLength: nil).ids == ids.map(Int32.init), "\(kind)")
      #expect(tokenizer.specialTokenCount == ids.count)
    }
  }

  @Test(
    "texts of 100,000 characters are read to their end",
    arguments: [
      "a", "ab", " ", "\u{0}", "'", "e\u{301}", "\u{302E}\u{1B44}", "東京", "👨‍👩‍👧", "\u{0915}\u{094D}",
      "\r\n",
    ])
  func longTexts(unit: String) throws {
    let count = 100_000 / unit.unicodeScalars.count
    let text = String(repeating: unit, count: count)
    for kind in ["roberta", "xlmr", "albert", "llama", "clip", "prefixed"] {
      let tokenizer = try Tokenizers.read(folder: Self.folder.appendingPathComponent(kind))
      let whole = tokenizer.tokenize(text, maximumLength: nil)
      let cut = tokenizer.tokenize(text, maximumLength: 16)
      #expect(cut.ids.count + cut.truncatedTokens == whole.ids.count, "\(kind)")
      #expect(whole.ids.allSatisfy { (0..<Int32(tokenizer.vocabularySize)).contains($0) })
    }
  }
}
