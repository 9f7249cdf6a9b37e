import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

/// Texts at the edges of what an encoder takes: all have an embedding, and none is cut silently.
@Suite("long and odd texts")
struct OddTextTests {
  static let fixtures = ["legacy", "distilbert", "head", "sharded"]

  static let texts: [String] = [
    "", " ", "\n\t\u{3000}", "a", ".", "\u{0}", "\u{FFFD}\u{200B}", "e\u{301}", "🙂",
    String(repeating: "fresh ", count: 17),
    String(repeating: "fresh ", count: 18), String(repeating: "fresh ", count: 19),
    String(repeating: "fresh water ", count: 100_000 / 12), String(repeating: "x", count: 100_000),
    String(repeating: " ", count: 100_000), String(repeating: "水", count: 33_334),
  ]

  @Test("embeddings are finite, of one shape, and the same alone", arguments: fixtures)
  func finite(fixture: String) throws {
    let encoder = try TextEncoder(folder: FolderFixtures.url(fixture))
    for role in TextRole.allCases {
      let result = encoder.encode(Self.texts, as: role)
      #expect(result.embeddings.rows == Self.texts.count)
      #expect(result.embeddings.columns == encoder.dimension)
      #expect(result.embeddings.firstNonFinite() == nil)
      for (i, text) in Self.texts.enumerated() {
        let alone = encoder.encode([text], as: role).embeddings
        #expect(largestDifference(alone.elements, result.embeddings.row(i)) < 2e-6, "text \(i)")
      }
    }
    #expect(encoder.encode([], as: .query).embeddings.rows == 0)
  }

  @Test("a text of exactly the limit is whole, one token more is cut and counted")
  func limit() throws {
    let encoder = try TextEncoder(folder: FolderFixtures.url("sharded"))
    let limit = encoder.folder.maximumLength
    for (words, cut) in [(limit - 3, 0), (limit - 2, 0), (limit - 1, 1), (20_000, 20_002 - limit)] {
      let text = String(repeating: "fresh ", count: words)
      let tokens = encoder.tokenize(text, as: .passage)
      #expect(tokens.ids.count == min(words + 2, limit) && tokens.truncatedTokens == cut)
      let result = encoder.encode([text, "fresh"], as: .passage)
      #expect(result.truncatedTexts == (cut > 0 ? 1 : 0))
      #expect(result.tokens == min(words + 2, limit) + 3)
    }
  }

  @Test("the longest sequence that the positions allow", arguments: ["roberta", "mpnet", "head"])
  func positions(fixture: String) throws {
    let folder = try EncoderFolder(reading: FolderFixtures.url(fixture))
    let model = try EmbeddingModel(
      folder.configuration, pooling: folder.pooling, modules: folder.modules,
      tensors: folder.canonicalTensors())
    let longest = folder.configuration.longestSequence
    #expect(longest == (fixture == "head" ? 24 : 22))
    let tokens = PackedTokens([[Int32](repeating: 5, count: longest), [5]])
    #expect(model.forward(tokens).firstNonFinite() == nil)
    let (kept, _) = model.forwardKeeping(tokens, dropout: nil)
    #expect(kept.firstNonFinite() == nil)
  }

  @Test("positions bound the limit, whatever the tokenizer says", arguments: [
    ("roberta", nil, 1e30, 22), ("roberta", 24, nil, 22), ("roberta", 22, nil, 22),
    ("roberta", 21, nil, 21), ("mpnet", nil, 512, 22), ("head", nil, 1e30, 24),
  ] as [(String, Int?, Double?, Int)])
  func limits(fixture: String, module: Int?, tokenizer: Double?, expected: Int) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: fixture)
    try model.edit(
      "sentence_bert_config.json", ["max_seq_length": module.map { .integer($0) } ?? .null])
    try model.edit("tokenizer_config.json", ["model_max_length": tokenizer.map { .number($0) }])
    #expect(try EncoderFolder(reading: model).maximumLength == expected)
  }

  @Test("a text that is nothing but prompt, or less, pools to something finite")
  func promptAlone() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "head")
    try model.edit("sentence_bert_config.json", ["max_seq_length": .integer(3)])
    for modes in [PoolingMode.allCases, [.max], [.lastToken]] {
      let pooling = Pooling(modes, includesPrompt: false)
      let hidden = Matrix([[1, 2], [3, -4]])
      let tokens = PackedTokens([[7, 8]], promptLengths: [5])
      let pooled = pooling.forward(hidden, tokens)
      #expect(pooled.firstNonFinite() == nil)
      let expected = modes.flatMap { $0 == .cls ? [1, 2] : [Float](repeating: 0, count: 2) }
      #expect(pooled.elements == expected)
      let gradient = pooling.backward(pooled, hidden: hidden, tokens)
      #expect(gradient.elements == (modes.contains(.cls) ? [1, 2, 0, 0] : [0, 0, 0, 0]))
    }
    let encoder = try TextEncoder(folder: model)
    #expect(encoder.promptLength(for: .query) == 2)
    #expect(encoder.encode(["", "fresh"], as: .query).embeddings.firstNonFinite() == nil)
  }

  @Test("a prompt's tokens are counted with what stands before them", arguments: [
    ("query : ", 3), ("", 0), ("query", 2), ("unheardof", 2),
  ])
  func promptLengths(prompt: String, expected: Int) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "head")
    let file = "config_sentence_transformers.json"
    try model.edit(file, ["prompts": .object(["query": .string(prompt)])])
    #expect(try TextEncoder(folder: model).promptLength(for: .query) == expected)
    #expect(try TextEncoder(folder: model).promptLength(for: .passage) == 0)
    try model.edit("1_Pooling/config.json", ["include_prompt": true])
    #expect(try TextEncoder(folder: model).promptLength(for: .query) == 0)
  }
}
