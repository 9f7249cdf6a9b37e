import Encoder
import Testing

@Suite("Added tokens")
struct AddedTokenTests {
  private let tokens = ["[UNK]", "[CLS]", "[SEP]", "a", "b", "x", "##x", "-"]

  private func ids(_ text: String, _ added: AddedToken...) throws -> [Int32] {
    var options = WordPieceOptions()
    options.addedTokens = added.map {
      var token = $0
      token.isSpecial = false
      return token
    }
    let tokenizer = try WordPieceTokenizer(vocabulary: tokens, options: options)
    return Array(tokenizer.tokenize(text, maximumLength: nil).ids.dropFirst().dropLast())
  }

  @Test("a new token gets the id after the vocabulary; one of the vocabulary keeps its own")
  func numbering() throws {
    #expect(try ids("a new b", AddedToken("b"), AddedToken("new")) == [3, 8, 4])
  }

  @Test("the leftmost longest token is found, and none within it")
  func longest() throws {
    #expect(try ids("qqqq", AddedToken("qq"), AddedToken("qqq")) == [9, 0])
    #expect(try ids("xqx", AddedToken("q")) == [5, 8, 5])
  }

  @Test("a single word stands between characters that are no word characters", arguments: [
    ("q", [8]), ("a q b", [3, 8, 4]), ("-q-", [7, 8, 7]), ("aq", [0]), ("q_", [0, 0]),
    ("q\u{301}", [0]), ("\u{200D}q", [0]), ("q\u{4E00}", [0, 0]), ("q🙂", [8, 0]),
  ] as [(String, [Int32])])
  func singleWord(text: String, expected: [Int32]) throws {
    #expect(try ids(text, AddedToken("q", isSingleWord: true)) == expected)
  }

  @Test("white space taken along on one side is not there for the next token")
  func strips() throws {
    let space = AddedToken(" ", stripsLeft: true, stripsRight: true)
    #expect(try ids("a   b", space) == [3, 8, 4])
    let left = AddedToken("q", stripsLeft: true)
    #expect(try ids("a \u{3000}q  b", left, AddedToken("q ")) == [3, 9, 4])
    #expect(try ids("q  q", AddedToken("q", stripsRight: true), AddedToken(" ")) == [8, 9, 9, 8])
  }

  @Test("a normalised token is found in normalised text, another in the text as given")
  func normalized() throws {
    #expect(try ids("É é e E", AddedToken("É", isNormalized: true)) == [8, 8, 8, 8])
    #expect(try ids("É é e E", AddedToken("É")) == [8, 0, 0, 0])
  }
}
