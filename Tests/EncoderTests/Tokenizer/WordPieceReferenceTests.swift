import Encoder
import Foundation
import Testing

@Suite("WordPiece against Hugging Face tokenizers")
struct WordPieceReferenceTests {
  static let variants: [(name: String, options: WordPieceOptions)] = [
    variant("uncased") { _ in },
    variant("cased") { $0.lowercases = false },
    variant("uncased-accents") { $0.stripsAccents = false },
    variant("cased-unaccented") {
      $0.lowercases = false
      $0.stripsAccents = true
    },
    variant("joined-ideographs") { $0.separatesIdeographs = false },
    variant("unclean") { $0.cleansText = false },
  ]

  private static func variant(
    _ name: String, _ change: (inout WordPieceOptions) -> Void
  ) -> (name: String, options: WordPieceOptions) {
    var options = WordPieceOptions()
    change(&options)
    return (name, options)
  }

  @Test("ids equal the reference", arguments: variants.map(\.name))
  func options(name: String) throws {
    let variant = try #require(Self.variants.first { $0.name == name })
    let tokenizer = try WordPieceTokenizer(
      vocabulary: TokenizerFixtures.vocabulary(), options: variant.options)
    let base = try TokenizerFixtures.ids("uncased")
    try expectEqual(tokenizer, TokenizerFixtures.ids(name, base: base))
  }

  @Test("ids equal the reference from files", arguments: ["json", "vocab", "added"])
  func files(folder: String) throws {
    let tokenizer = try WordPieceTokenizer(
      folder: TokenizerFixtures.folder.appendingPathComponent(folder))
    let base = try TokenizerFixtures.ids("uncased")
    let expected = folder == "added" ? try TokenizerFixtures.ids("added", base: base) : base
    try expectEqual(tokenizer, expected)
  }

  @Test("cut texts equal the reference")
  func truncated() throws {
    let tokenizer = try WordPieceTokenizer(vocabulary: TokenizerFixtures.vocabulary())
    let base = try TokenizerFixtures.ids("uncased")
    try expectEqual(tokenizer, TokenizerFixtures.ids("uncased-8", base: base), maximumLength: 8)
  }

  @Test(
    "ids equal the reference for the vocabulary of all-MiniLM-L6-v2",
    .enabled(
      if: TokenizerFixtures.model != nil,
      "needs the model: set FRESHET_MODEL or run tools/test, which fetches it"))
  func realVocabulary() throws {
    let folder = try #require(TokenizerFixtures.model)
    try expectEqual(WordPieceTokenizer(folder: folder), TokenizerFixtures.ids("minilm"))
  }

  private func expectEqual(
    _ tokenizer: WordPieceTokenizer, _ expected: [[Int32]], maximumLength: Int? = nil
  ) throws {
    let texts = try TokenizerFixtures.texts()
    #expect(texts.count >= 1000 && texts.count == expected.count)
    for (index, text) in texts.enumerated() {
      let got = tokenizer.tokenize(text, maximumLength: maximumLength).ids
      #expect(got == expected[index], "text \(index): \(text.debugDescription)")
    }
  }
}
