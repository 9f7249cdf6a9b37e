import Encoder
import Foundation
import Testing

@Suite("Folders of pipelines")
struct PipelineFolderTests {
  private func withFolder<R>(_ files: [String: String], _ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("pipeline-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }
    return try body(folder)
  }

  private func error(_ files: [String: String]) throws -> TokenizerError {
    try withFolder(files) { folder in
      let error = #expect(throws: TokenizerError.self) { try Tokenizers.read(folder: folder) }
      let found = try #require(error)
      #expect(found.message.contains(folder.path), "names the file")
      #expect(!found.message.contains("\n"), "is one line")
      return found
    }
  }

  /// A tokenizer.json of byte-pair encoding, with some of its parts replaced.
  private func json(
    normalizer: String = "null", preTokenizer: String = "null", processor: String = "null",
    model: String? = nil, more: String = ""
  ) -> String {
    let bpe = #""type":"BPE","vocab":{"a":0,"b":1,"ab":2,"<unk>":3},"merges":[["a","b"]]"#
    return """
      {"added_tokens":[],"normalizer":\(normalizer),"pre_tokenizer":\(preTokenizer),\(more)
      "post_processor":\(processor),"model":{\(model ?? bpe)}}
      """
  }

  private func ids(_ text: String, _ json: String) throws -> [Int32] {
    try withFolder(["tokenizer.json": json]) {
      try Tokenizers.read(folder: $0).tokenize(text, maximumLength: nil).ids
    }
  }

  @Test(
    "what is not known is refused by its name",
    arguments: [
      ("normalizer", #"{"type":"Fancy"}"#, "the normalizer is Fancy"),
      (
        "normalizer", #"{"type":"Sequence","normalizers":[{"type":"Odd"}]}"#,
        "the normalizer is Odd"
      ),
      ("normalizer", "{}", "the normalizer is without a type"),
      (
        "normalizer", #"{"type":"Replace","pattern":{"Regex":"a|b"},"content":""}"#,
        "Replace is \"a|b\""
      ),
      (
        "normalizer", #"{"type":"Replace","pattern":{"String":""},"content":"x"}"#,
        "Replace is \"\""
      ),
      ("pre_tokenizer", #"{"type":"UnicodeScripts"}"#, "the pre_tokenizer is UnicodeScripts"),
      (
        "pre_tokenizer", #"{"type":"Split","pattern":{"Regex":"\\p{L}"},"behavior":"Removed"}"#,
        "\\p{L}"
      ),
      ("pre_tokenizer", #"{"type":"Metaspace","replacement":"__"}"#, "\"__\" for a space"),
      ("pre_tokenizer", #"{"type":"Metaspace","replacement":"_","prepend_scheme":"last"}"#, "last"),
      ("post_processor", #"{"type":"Odd"}"#, "the post_processor is Odd"),
      (
        "post_processor",
        #"{"type":"TemplateProcessing","single":[{"Sequence":{"id":"A","type_id":1}}]}"#, "segment"
      ),
      ("post_processor", #"{"type":"TemplateProcessing","single":[]}"#, "must be one text"),
    ])
  func unsupported(part: String, value: String, words: String) throws {
    let text = json(
      normalizer: part == "normalizer" ? value : "null",
      preTokenizer: part == "pre_tokenizer" ? value : "null",
      processor: part == "post_processor" ? value : "null")
    let error = try error(["tokenizer.json": text])
    #expect(error.code == .unsupported && error.message.contains(words), "\(error)")
  }

  @Test(
    "models that are not known or not whole are refused",
    arguments: [
      (#""type":"WordLevel","vocab":{}"#, "the model is WordLevel", .unsupported),
      (
        #""type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1"#, "model.dropout is 0.1",
        .unsupported
      ),
      (#""type":"BPE","vocab":{"a":0}"#, "model.merges is not a list", .damagedFile),
      (#""type":"BPE","vocab":[],"merges":[]"#, "model.vocab is not an object", .damagedFile),
      (#""type":"BPE","vocab":{"a":0},"merges":["a b c"]"#, "model.merges[0]", .damagedFile),
      (#""type":"BPE","vocab":{"a":0},"merges":[3]"#, "model.merges[0]", .damagedFile),
      (#""type":"BPE","vocab":{"a":0},"merges":[["a"]]"#, "model.merges[0]", .damagedFile),
      (#""type":"BPE","vocab":{"a":0},"merges":["a a"]"#, "merge 1, \"a a\"", .missingToken),
      (#""type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"?""#, "has no ?;", .missingToken),
      (#""type":"Unigram","vocab":[["a",0]],"unk_id":null"#, "model.unk_id", .missingToken),
      (#""type":"Unigram","vocab":[["a",0]],"unk_id":1"#, "model.unk_id", .missingToken),
      (#""type":"Unigram","vocab":[["a"]],"unk_id":0"#, "model.vocab[0]", .damagedFile),
      (#""type":"Unigram","vocab":{},"unk_id":0"#, "model.vocab is not a list", .damagedFile),
      (#""type":"WordPiece","vocab":{"a":0},"unk_token":"?""#, "has no ?;", .missingToken),
    ] as [(String, String, TokenizerError.Code)])
  func models(model: String, words: String, code: TokenizerError.Code) throws {
    let error = try error(["tokenizer.json": json(model: model)])
    #expect(error.code == code && error.message.contains(words), "\(error)")
  }

  @Test("half a surrogate pair in a token is told by line and column")
  func surrogates() throws {
    let text = json(model: #""type":"BPE","merges":[],"vocab":{"\ud800":0}"#)
    let error = try error(["tokenizer.json": text])
    #expect(error.code == .damagedFile && error.message.contains("half a surrogate pair"))
  }

  @Test("a character map that is none is damaged", arguments: ["", "!", "AAAA", "CAAAAAAAAAA="])
  func characterMap(map: String) throws {
    let normalizer = #"{"type":"Precompiled","precompiled_charsmap":"\#(map)"}"#
    let error = try error(["tokenizer.json": json(normalizer: normalizer)])
    #expect(error.code == .damagedFile && error.message.contains("precompiled_charsmap"))
  }

  @Test(
    "first is refused behind parts that may drop the start of a text",
    arguments: [
      (#"{"type":"Strip"}"#, #"{"type":"Metaspace","replacement":"_","prepend_scheme":"first"}"#),
      (
        "null",
        #"{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"_","prepend_scheme":"first"}]}"#
      ),
    ])
  func uncertainPrefix(normalizer: String, preTokenizer: String) throws {
    let error = try error([
      "tokenizer.json": json(normalizer: normalizer, preTokenizer: preTokenizer)
    ])
    #expect(error.code == .unsupported && error.message.contains("first"), "\(error)")
  }

  @Test("a SentencePiece model alone is refused with the line that converts it")
  func sentencePiece() throws {
    let error = try error(["sentencepiece.bpe.model": "x"])
    #expect(error.code == .unsupported && error.message.contains("save_pretrained"), "\(error)")
    #expect(try self.error([:]).code == .missingFile)
  }

  @Test("another class than RoBERTa's is not read from vocab.json and merges.txt")
  func otherClass() throws {
    let files = ["vocab.json": #"{"a":0}"#, "merges.txt": "#version: 0.2\n"]
    let error = try error(
      files.merging(["tokenizer_config.json": #"{"tokenizer_class":"CodeGenTokenizer"}"#]) { $1 })
    #expect(error.code == .unsupported && error.message.contains("CodeGenTokenizer"), "\(error)")
    let line = try self.error(files.merging(["merges.txt": "#version: 0.2\na b c\n"]) { $1 })
    #expect(line.message.contains("merges.txt: line 2"), "\(line)")
  }

  @Test("post-processors in a sequence are laid around the text one after the other")
  func processors() throws {
    let roberta = #"{"type":"RobertaProcessing","cls":["a",0],"sep":["b",1]}"#
    let template =
      #"{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"special_tokens":{"x":{"ids":[3,2]}}}"#
    let sequence =
      #"{"type":"Sequence","processors":[{"type":"ByteLevel"},\#(roberta),\#(template)]}"#
    #expect(try ids("ab", json(processor: sequence)) == [3, 2, 0, 2, 1])
    #expect(try ids("ab", json()) == [2])
  }

  @Test(
    "the side of truncation comes from tokenizer_config.json, then tokenizer.json",
    arguments: [
      (nil, nil, [2, 0]), (nil, "Left", [0, 1]), ("right", "Left", [2, 0]), ("left", nil, [0, 1]),
    ] as [(String?, String?, [Int32])])
  func truncationSide(configured: String?, inJSON: String?, expected: [Int32]) throws {
    let more = inJSON.map { #""truncation":{"direction":"\#($0)","max_length":7},"# } ?? ""
    var files = ["tokenizer.json": json(preTokenizer: #"{"type":"Whitespace"}"#, more: more)]
    files["tokenizer_config.json"] = configured.map { #"{"truncation_side":"\#($0)"}"# }
    try withFolder(files) { folder in
      let cut = try Tokenizers.read(folder: folder).tokenize("ab a b", maximumLength: 2)
      #expect(cut == TokenizedText(ids: expected, truncatedTokens: 1))
    }
    files["tokenizer_config.json"] = #"{"truncation_side":"middle"}"#
    #expect(try error(files).message.contains("truncation_side is neither"))
  }

  @Test("the padding token is the one that is named, else one of the usual two")
  func padding() throws {
    let model = #""type":"BPE","merges":[],"vocab":{"a":0,"<pad>":1,"[PAD]":2,"p":3}"#
    let cases: [(String, String?, Int32)] = [
      ("", nil, 1), (#""padding":{"pad_token":"[PAD]"},"#, nil, 2), ("", #"{"pad_token":"p"}"#, 3),
      ("", #"{"pad_token":{"content":"p"}}"#, 3), ("", #"{"pad_token":null}"#, 1),
    ]
    for (more, configuration, expected) in cases {
      var files = ["tokenizer.json": json(model: model, more: more)]
      files["tokenizer_config.json"] = configuration
      let found = try withFolder(files) { try Tokenizers.read(folder: $0).paddingID }
      #expect(found == expected, "\(more)")
    }
  }

  @Test("MPNet's vocab.txt has its own special tokens, and a mask that takes a space along")
  func mpnet() throws {
    let files = [
      "vocab.txt": "<s>\n<pad>\n</s>\n[UNK]\nthe\n<mask>\n",
      "tokenizer_config.json": #"{"tokenizer_class":"MPNetTokenizer"}"#,
    ]
    try withFolder(files) { folder in
      let tokenizer = try Tokenizers.read(folder: folder)
      #expect(tokenizer.tokenize("The <mask> a", maximumLength: nil).ids == [0, 4, 5, 3, 2])
      #expect(tokenizer.paddingID == 1)
    }
  }
}

@Suite("Identity of tokenizers")
struct PipelineIdentityTests {
  @Test("identities of WordPiece folders are those of the first release")
  func wordPiece() throws {
    for (folder, hash) in [
      ("json", 15_416_025_143_485_153_128), ("vocab", 15_416_025_143_485_153_128),
      ("added", 2_807_132_089_791_490_854),
    ] as [(String, UInt64)] {
      let url = TokenizerFixtures.folder.appendingPathComponent(folder)
      let tokenizer = try Tokenizers.read(folder: url)
      #expect(tokenizer is WordPieceTokenizer, "\(folder) takes the fast way")
      #expect(TokenizerFixtures.hash(tokenizer.identity) == hash, "\(folder)")
    }
  }

  @Test("everything that changes ids changes the identity")
  func sensitivity() throws {
    let base = try String(
      contentsOf: PipelineReferenceTests.folder.appendingPathComponent("metaspace/tokenizer.json"),
      encoding: .utf8)
    let changes: [(String, String)] = [
      ("", ""), (#""strip_right":true"#, #""strip_right":false"#), (#"" {2,}""#, #"" {3,}""#),
      (#""add_prefix_space":true"#, #""add_prefix_space":false"#),
      (#""byte_fallback":true"#, #""byte_fallback":false"#), (#""unk_id":3"#, #""unk_id":2"#),
      (#""content":"one two","single_word":true"#, #""content":"one two","single_word":false"#),
      (#"["<0xFF>",-20.0]"#, #"["<0xFF>",-20.5]"#), (#"["<0xFF>",-20.0]"#, #"["<0xFG>",-20.0]"#),
      (#""truncation":null"#, #""truncation":{"direction":"Left"}"#),
      (
        #","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}],"pair""#,
        #","type_id":0}}],"pair""#
      ),
    ]
    let identities = try changes.map { old, new in
      let text = old.isEmpty ? base : base.replacing(old, with: new)
      #expect(old.isEmpty || text != base, "\(old) is in the file")
      let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("identity-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try Data(text.utf8).write(to: folder.appendingPathComponent("tokenizer.json"))
      return try Tokenizers.read(folder: folder).identity
    }
    #expect(Set(identities).count == identities.count)
  }
}
