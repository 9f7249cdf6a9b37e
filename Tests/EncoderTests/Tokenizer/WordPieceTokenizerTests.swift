import Encoder
import Foundation
import Testing

@Suite("WordPiece tokenizer")
struct WordPieceTokenizerTests {
  let tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fresh", "##ly", "water", ",", "a"]

  @Test("texts become special tokens and pieces", arguments: [
    ("", [2, 3]), ("water", [2, 7, 3]), ("Freshly, water", [2, 5, 6, 8, 7, 3]),
    ("water[MASK]water", [2, 7, 4, 7, 3]), ("stale", [2, 1, 3]), ("  \n ", [2, 3]),
  ] as [(String, [Int32])])
  func pieces(text: String, expected: [Int32]) throws {
    let tokenizer = try WordPieceTokenizer(vocabulary: tokens)
    #expect(tokenizer.tokenize(text, maximumLength: nil) == TokenizedText(ids: expected))
    #expect(tokenizer.specialTokenCount == 2)
    #expect(tokenizer.vocabularySize == 10 && tokenizer.paddingID == 0)
  }

  @Test("a cut keeps [CLS] and [SEP] and tells how much it took", arguments: [2, 3, 7, 99, 101])
  func truncation(length: Int) throws {
    let tokenizer = try WordPieceTokenizer(vocabulary: tokens)
    let text = Array(repeating: "freshly", count: 49).joined(separator: " ")
    let whole = tokenizer.tokenize(text, maximumLength: nil)
    let cut = tokenizer.tokenize(text, maximumLength: length)
    #expect(whole.ids.count == 100 && whole.truncatedTokens == 0)
    #expect(cut.ids.count == min(length, 100) && cut.truncatedTokens == max(0, 100 - length))
    #expect(cut.ids == whole.ids.prefix(cut.ids.count - 1) + [3])
  }

  @Test("a length without room for the special tokens traps")
  func tooShort() async {
    await #expect(processExitsWith: .failure) {
      let tokens = ["[UNK]", "[CLS]", "[SEP]"]
      _ = try WordPieceTokenizer(vocabulary: tokens).tokenize("a", maximumLength: 1)
    }
  }

  @Test("a text of 100,000 characters is read to its end")
  func longText() throws {
    let tokenizer = try WordPieceTokenizer(vocabulary: tokens)
    let text = String(repeating: "fresh é,", count: 12_500)
    let cut = tokenizer.tokenize(text, maximumLength: 512)
    #expect(text.unicodeScalars.count == 100_000)
    #expect(tokenizer.tokenize(text, maximumLength: nil).ids.count == 37_502)
    #expect(cut.ids.count == 512 && cut.truncatedTokens == 36_990)
    let word = String(repeating: "a", count: 100_000)
    #expect(tokenizer.tokenize(word, maximumLength: nil).ids == [2, 1, 3])
  }

  @Test("the longest word is counted in scalars after normalisation", arguments: [100, 101])
  func longestWord(length: Int) throws {
    let tokenizer = try WordPieceTokenizer(vocabulary: tokens + ["##a"])
    let word = String(repeating: "\u{200B}á", count: length)
    let ids = tokenizer.tokenize(word, maximumLength: nil).ids
    #expect(ids.count == (length == 100 ? 102 : 3))
  }

  @Test("canonically equivalent tokens are two tokens")
  func equivalentTokens() throws {
    var options = WordPieceOptions()
    options.lowercases = false
    let tokenizer = try WordPieceTokenizer(
      vocabulary: tokens + ["\u{E9}", "e\u{301}"], options: options)
    #expect(tokenizer.tokenize("\u{E9} e\u{301}", maximumLength: nil).ids == [2, 10, 11, 3])
  }

  @Test("padding is token 0 when the vocabulary has no [PAD], and its own id when it has")
  func padding() throws {
    #expect(try WordPieceTokenizer(vocabulary: Array(tokens.dropFirst())).paddingID == 0)
    #expect(try WordPieceTokenizer(vocabulary: tokens.reversed()).paddingID == 9)
  }
}

@Suite("WordPiece identity")
struct WordPieceIdentityTests {
  private func identity(_ change: (inout WordPieceOptions) -> Void) throws -> [UInt8] {
    var options = WordPieceOptions()
    change(&options)
    return try WordPieceTokenizer(
      vocabulary: TokenizerFixtures.vocabulary(), options: options).identity
  }

  @Test("tokenizer.json, vocab.txt and the same vocabulary in memory have one identity")
  func sources() throws {
    let folder = TokenizerFixtures.folder
    let json = try WordPieceTokenizer(folder: folder.appendingPathComponent("json"))
    let text = try WordPieceTokenizer(folder: folder.appendingPathComponent("vocab"))
    let memory = try identity { _ in }
    #expect(json.identity == text.identity && text.identity == memory)
    #expect(json.vocabularySize == text.vocabularySize && json.paddingID == text.paddingID)
  }

  @Test("strip_accents null and its meaning are the same tokenizer")
  func spelledOut() throws {
    #expect(try identity { _ in } == identity { $0.stripsAccents = true })
  }

  @Test("everything that changes ids changes the identity")
  func sensitivity() throws {
    let identities = try [
      identity { _ in }, identity { $0.lowercases = false }, identity { $0.stripsAccents = false },
      identity { $0.cleansText = false }, identity { $0.separatesIdeographs = false },
      identity { $0.continuationPrefix = "" }, identity { $0.maximumWordLength = 99 },
      identity { $0.unknownToken = "a" }, identity { $0.classToken = "a" },
      identity { $0.separatorToken = "a" }, identity { $0.addedTokens = [] },
      identity { $0.addedTokens = [AddedToken("fresh")] },
      identity { $0.addedTokens = [AddedToken("fresh", isSingleWord: true)] },
      identity { $0.addedTokens = [AddedToken("fresh", stripsLeft: true)] },
      identity { $0.addedTokens = [AddedToken("fresh", stripsRight: true)] },
      identity { $0.addedTokens = [AddedToken("fresh", isNormalized: true)] },
      WordPieceTokenizer(vocabulary: TokenizerFixtures.vocabulary() + ["one more"]).identity,
      WordPieceTokenizer(folder: TokenizerFixtures.folder.appendingPathComponent("added")).identity,
    ]
    #expect(Set(identities).count == identities.count)
  }
}
