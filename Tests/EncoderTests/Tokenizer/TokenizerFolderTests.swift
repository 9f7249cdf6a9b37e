import Encoder
import Foundation
import Testing

@Suite("Tokenizer folders")
struct TokenizerFolderTests {
  /// Runs `body` with a folder that holds the given files, and removes it.
  private func withFolder<R>(_ files: [String: String], _ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tokenizer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      // Latin-1, so that a test can write bytes that are not UTF-8.
      let data = text.data(using: .isoLatin1) ?? Data(text.utf8)
      try data.write(to: folder.appendingPathComponent(name))
    }
    return try body(folder)
  }

  private func error(_ files: [String: String]) throws -> TokenizerError {
    try withFolder(files) { folder in
      let error = #expect(throws: TokenizerError.self) { try WordPieceTokenizer(folder: folder) }
      let found = try #require(error)
      #expect(found.message.contains(folder.path), "names the file")
      #expect(!found.message.contains("\n"), "is one line")
      return found
    }
  }

  /// A tokenizer.json with one of its parts replaced.
  private func json(
    vocab: String = #"{"[UNK]":0,"[CLS]":1,"[SEP]":2,"a":3}"#, model: String = "WordPiece",
    normalizer: String = "BertNormalizer", preTokenizer: String = "BertPreTokenizer",
    single: String? = nil, added: String = "[]"
  ) -> String {
    let (start, end) = (#"{"SpecialToken":{"id":"[CLS]"}}"#, #"{"SpecialToken":{"id":"[SEP]"}}"#)
    let template = single ?? #"\#(start),{"Sequence":{"id":"A","type_id":0}},\#(end)"#
    return """
      {"added_tokens":\(added),"truncation":{"max_length":3},
      "normalizer":{"type":"\(normalizer)","clean_text":true,"lowercase":true},
      "pre_tokenizer":{"type":"\(preTokenizer)"},
      "post_processor":{"type":"TemplateProcessing","single":[\(template)],
      "special_tokens":{"[CLS]":{"ids":[1]},"[SEP]":{"ids":[2]}}},
      "model":{"type":"\(model)","unk_token":"[UNK]","max_input_chars_per_word":100,
      "vocab":\(vocab)}}
      """
  }

  @Test("a tokenizer.json is read; its truncation is not used")
  func smallJSON() throws {
    try withFolder(["tokenizer.json": json()]) { folder in
      let tokenizer = try WordPieceTokenizer(folder: folder)
      #expect(tokenizer.tokenize("a b A", maximumLength: nil).ids == [1, 3, 0, 3, 2])
    }
  }

  @Test("BertProcessing is the same as its template")
  func bertProcessing() throws {
    let start = try #require(json().range(of: #""post_processor":"#))
    let end = try #require(json().range(of: #""model":"#))
    var text = json()
    text.replaceSubrange(
      start.upperBound..<end.lowerBound,
      with: #"{"type":"BertProcessing","sep":["[SEP]",2],"cls":["[CLS]",1]},"#)
    let identities = try [json(), text].map { json in
      try withFolder(["tokenizer.json": json]) { try WordPieceTokenizer(folder: $0).identity }
    }
    #expect(identities[0] == identities[1])
  }

  @Test("another kind of tokenizer is refused by the name of the part")
  func unsupported() throws {
    let cases: [(json: String, words: String)] = [
      (json(model: "BPE"), "the model is BPE"),
      (json(normalizer: "Sequence"), "the normalizer is Sequence"),
      (json(preTokenizer: "Metaspace"), "the pre_tokenizer is Metaspace"),
      (json().replacing("TemplateProcessing", with: "Sequence"), "the post_processor is Sequence"),
      (json(single: #"{"Sequence":{"id":"A","type_id":1}}"#), "segment other than 0"),
      (json(single: #"{"Sequence":{"id":"A"}}"#), "post_processor.single must be"),
      (json().replacing(#"{"type":"BertPreTokenizer"}"#, with: "null"), "pre_tokenizer is null"),
    ]
    for (json, words) in cases {
      let error = try error(["tokenizer.json": json])
      #expect(error.code == .unsupported && error.message.contains(words), "\(error)")
    }
  }

  @Test("what is missing is named")
  func missing() throws {
    #expect(try error([:]).code == .missingFile)
    #expect(try error([:]).message.contains("neither tokenizer.json nor vocab.txt"))
    for token in ["[UNK]", "[CLS]", "[SEP]"] {
      let lines = ["[UNK]", "[CLS]", "[SEP]", "a"].filter { $0 != token }.joined(separator: "\n")
      let error = try error(["vocab.txt": lines])
      #expect(error.code == .missingToken && error.message.contains("no \(token);"), "\(error)")
    }
    let noUnknown = try error(["tokenizer.json": json(vocab: #"{"[CLS]":1,"[SEP]":2}"#)])
    #expect(noUnknown.code == .missingToken && noUnknown.message.contains("[UNK]"))
    let noClass = json().replacing(#""[CLS]":{"ids":[1]},"#, with: "")
    #expect(try error(["tokenizer.json": noClass]).code == .missingToken)
    #expect(try error(["tokenizer.json": "{}"]).message.contains("model is missing"))
  }

  @Test("a token that stands twice is named with its line")
  func duplicates() throws {
    let text = try error(["vocab.txt": "[UNK]\n[CLS]\r\n[SEP]\nwater\na\nwater\n"])
    #expect(text.code == .duplicateEntry)
    #expect(text.message.contains("vocab.txt:6: the token \"water\" is already on line 4"))
    let vocab = "{\"[UNK]\":0,\"[CLS]\":1,\n\"[SEP]\":2,\"a\":3,\"a\":4}"
    let json = try error(["tokenizer.json": json(vocab: vocab)])
    #expect(json.code == .duplicateEntry)
    #expect(json.message.contains("tokenizer.json:8:17: "), "\(json)")
    let added = #"[{"content":"x","special":true},{"content":"x","special":true,"lstrip":true}]"#
    #expect(try error(["tokenizer.json": self.json(added: added)]).code == .duplicateEntry)
  }

  @Test(
    "damaged files are told by line and column",
    arguments: [
      ("tokenizer.json", "", ":1:1: not JSON"),
      ("tokenizer.json", "{\"a\":1,\n\"b\" 2}", ":2:5: not JSON: \":\" is missing"),
      ("tokenizer.json", "{\"model\":{\"vocab\":{\"a\":", "ends too early"),
      ("tokenizer.json", "[]", "not a JSON object"),
      ("tokenizer.json", "{\"a\":\"\u{FF}\"}", ":1:7: not UTF-8"),
      ("vocab.txt", "[UNK]\n[CLS]\nb\u{C0}\n", ":3:2: not UTF-8"),
    ])
  func damaged(name: String, text: String, words: String) throws {
    let error = try error([name: text])
    #expect(error.code == .damagedFile && error.message.contains(words), "\(error)")
  }

  @Test("a damaged tokenizer_config.json is an error beside a good vocabulary")
  func damagedConfiguration() throws {
    let vocabulary = "[UNK]\n[CLS]\n[SEP]\n"
    for text in ["{", "3", #"{"do_lower_case":"yes"}"#] {
      let error = try error(["vocab.txt": vocabulary, "tokenizer_config.json": text])
      #expect(error.code == .damagedFile && error.message.contains("tokenizer_config.json"))
    }
  }

  @Test("ids that are not whole numbers are refused", arguments: ["-1", "1.5", "\"1\"", "1e10"])
  func badID(id: String) throws {
    let vocab = #"{"[UNK]":0,"[CLS]":1,"[SEP]":2,"a":\#(id)}"#
    #expect(try error(["tokenizer.json": json(vocab: vocab)]).code == .damagedFile)
  }

  @Test("tokenizer_config.json sets the options and names of a vocab.txt")
  func configuration() throws {
    let configuration = """
      {"do_lower_case":false,"tokenize_chinese_chars":false,"unk_token":"<unk>",
      "cls_token":{"content":"<s>","lstrip":true},"sep_token":"</s>","pad_token":"<pad>",
      "added_tokens_decoder":{"4":{"content":"Aa","special":false,"single_word":true}}}
      """
    let vocabulary = "<pad>\n<unk>\n<s>\n</s>\nAa\nB\n\n##b\n"
    let files = ["vocab.txt": vocabulary, "tokenizer_config.json": configuration]
    try withFolder(files) { folder in
      let tokenizer = try WordPieceTokenizer(folder: folder)
      // The empty line keeps its number; "b" is unknown as nothing is lower-cased.
      let ids = tokenizer.tokenize("Bb B <s> b Aa -Aa", maximumLength: nil).ids
      #expect(ids == [2, 5, 7, 5, 2, 1, 4, 1, 4, 3])
      #expect(tokenizer.vocabularySize == 8)
    }
  }

  @Test("an added token that normalises to nothing is refused")
  func emptyPattern() throws {
    let added = "[{\"content\":\"\\u0301\",\"special\":false,\"normalized\":true}]"
    try withFolder(["tokenizer.json": json(added: added)]) { folder in
      let error = #expect(throws: TokenizerError.self) { try WordPieceTokenizer(folder: folder) }
      #expect(error?.code == .unsupported)
    }
  }
}
