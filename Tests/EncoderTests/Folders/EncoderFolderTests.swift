import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("reading model folders")
struct EncoderFolderTests {
  @Test("both schemas say the same", arguments: ["legacy", "modern"])
  func schemas(name: String) throws {
    let folder = try EncoderFolder(reading: FolderFixtures.url(name))
    #expect(folder.configuration == BERTConfiguration(
      vocabularySize: 25, hiddenSize: 12, layerCount: 2, headCount: 3, intermediateSize: 20,
      maximumPositions: 24))
    #expect(folder.pooling == .mean)
    #expect(folder.normalizes)
    #expect(folder.maximumLength == 20)
    #expect(folder.prompts == ["query": "query : ", "document": "passage : "])
    #expect(folder.defaultPromptName == nil)
    #expect(folder.prompt(for: .query) == "query : ")
    #expect(folder.prompt(for: .passage) == "passage : ")
    #expect(folder.similarityFunctionName == (name == "modern" ? "cosine" : nil))
    #expect(folder.weightsPath.hasSuffix("\(name)/model.safetensors"))
  }

  @Test("a plain folder needs to be told the pooling", arguments: PoolingMode.allCases)
  func plain(pooling: PoolingMode) throws {
    let url = FolderFixtures.url("plain")
    let error = try encoderError(.invalidArgument) { _ = try EncoderFolder(reading: url) }
    #expect(error.message.contains("cls, mean, max, mean_sqrt_len_tokens"))
    let folder = try EncoderFolder(reading: url, pooling: pooling)
    #expect(folder.pooling == Pooling([pooling]))
    #expect(!folder.normalizes)
    #expect(try EncoderFolder(reading: url, pooling: pooling, normalizes: true).normalizes)
    #expect(folder.prompt(for: .query) == "" && folder.prompt(for: .passage) == "")
    #expect(folder.maximumLength == 20)
  }

  @Test("a choice that contradicts the folder is refused, one that agrees is not")
  func contradictions() throws {
    let url = FolderFixtures.url("legacy")
    _ = try EncoderFolder(reading: url, pooling: .mean, normalizes: true)
    try encoderError(.invalidArgument) { _ = try EncoderFolder(reading: url, pooling: .cls) }
    try encoderError(.invalidArgument) { _ = try EncoderFolder(reading: url, normalizes: false) }
  }

  @Test("a transformer in a folder of its own is found")
  func subfolder() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    let inner = model.appending(path: "0_Transformer")
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
    for name in [
      "config.json", "model.safetensors", "sentence_bert_config.json", "tokenizer.json",
      "tokenizer_config.json",
    ] {
      try FileManager.default.moveItem(
        at: model.appending(path: name), to: inner.appending(path: name))
    }
    try model.editModule(0, ["path": .string("0_Transformer")])
    let folder = try EncoderFolder(reading: model)
    #expect(folder.tokenizerFolder.path == inner.path)
    #expect(try folder.canonicalTensors().count == 37)
  }

  @Test("pooling modes in both schemas, joined in the order of each", arguments: [
    ("legacy", ["mean_tokens": false, "cls_token": true], [.cls]),
    ("legacy", ["mean_tokens": false, "max_tokens": true], [.max]),
    ("legacy", ["mean_tokens": false, "lasttoken": true], [.lastToken]),
    ("legacy", ["mean_tokens": true, "max_tokens": true, "cls_token": true], [.cls, .max, .mean]),
    ("legacy", ["weightedmean_tokens": true, "mean_sqrt_len_tokens": true, "lasttoken": true],
      [.mean, .meanSqrtLength, .weightedMean, .lastToken]),
    ("modern", ["": "cls"], [.cls]), ("modern", ["": ["mean"]], [.mean]),
    ("modern", ["": "mean_sqrt_len_tokens"], [.meanSqrtLength]),
    ("modern", ["": "weightedmean"], [.weightedMean]), ("modern", ["": "lasttoken"], [.lastToken]),
    ("modern", ["": ["mean", "cls"]], [.mean, .cls]),
  ] as [(String, [String: JSONValue], [PoolingMode])])
  func poolings(fixture: String, changes: [String: JSONValue], expected: [PoolingMode]) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: fixture)
    let named = changes.map { ($0.isEmpty ? "pooling_mode" : "pooling_mode_\($0)", $1) }
    try model.edit("1_Pooling/config.json", Dictionary(uniqueKeysWithValues: named))
    #expect(try EncoderFolder(reading: model).pooling == Pooling(expected))
  }

  @Test("without Normalize embeddings are not scaled")
  func withoutNormalize() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    guard
      case .array(let modules) = try JSONObject.value(
        contentsOf: model.appending(path: "modules.json"))
    else { Issue.record("no list"); return }
    try JSONValue.array(Array(modules.prefix(2))).text()
      .write(to: model.appending(path: "modules.json"))
    #expect(try !EncoderFolder(reading: model).normalizes)
  }

  @Test("maximum length: the module's, else the tokenizer's, capped by the positions", arguments: [
    (10, 20, 10), (nil, 7, 7), (nil, nil, 24), (24, 20, 24), (nil, 1e30, 24), (nil, 512, 24),
  ] as [(Int?, Double?, Int)])
  func maximumLength(module: Int?, tokenizer: Double?, expected: Int) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    try model.edit(
      "sentence_bert_config.json", ["max_seq_length": module.map { .integer($0) } ?? .null])
    try model.edit(
      "tokenizer_config.json", ["model_max_length": tokenizer.map { .number($0) }])
    #expect(try EncoderFolder(reading: model).maximumLength == expected)
  }

  @Test("activations and defaults of config.json", arguments: [
    ("gelu", Activation.gelu), ("gelu_new", .geluTanh),
    ("gelu_pytorch_tanh", .geluTanh), ("gelu_fast", .geluTanh), ("relu", .relu), (nil, .gelu),
  ] as [(String?, Activation)])
  func activations(name: String?, expected: Activation) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    try model.edit("config.json", [
      "hidden_act": name.map { .string($0) }, "layer_norm_eps": .number(1e-5),
      "hidden_dropout_prob": nil, "attention_probs_dropout_prob": .integer(0),
      "type_vocab_size": nil, "pad_token_id": .integer(3),
    ])
    let found = try EncoderFolder(reading: model).configuration
    #expect(found == BERTConfiguration(
      vocabularySize: 25, hiddenSize: 12, layerCount: 2, headCount: 3, intermediateSize: 20,
      maximumPositions: 24, layerNormEpsilon: 1e-5, attentionDropout: 0, activation: expected,
      paddingTokenID: 3))
  }

  @Test("unknown keys that change nothing are ignored")
  func unknownKeys() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "modern")
    for file in [
      "config.json", "1_Pooling/config.json", "2_Normalize/config.json",
      "sentence_bert_config.json", "config_sentence_transformers.json", "tokenizer_config.json",
    ] { try model.edit(file, ["a_key_of_tomorrow": .array([.object([:]), .null])]) }
    _ = try EncoderFolder(reading: model)
  }

  @Test("prompts by role", arguments: [
    (["query": "q: ", "passage": "p: "], nil, "q: ", "p: "),
    (["query": "q: ", "document": "", "passage": "p: "], nil, "q: ", "p: "),
    (["corpus": "c: "], nil, "", "c: "),
    (["document": "d: ", "passage": "p: ", "corpus": "c: "], nil, "", "d: "),
    (["x": "x: "], "x", "x: ", "x: "),
    (["x": "x: ", "query": "", "document": ""], "x", "", ""),
    (["x": "x: "], nil, "", ""),
  ] as [([String: String], String?, String, String)])
  func prompts(
    prompts: [String: String], standard: String?, query: String, passage: String
  ) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    try model.edit("config_sentence_transformers.json", [
      "prompts": .object(prompts.mapValues { .string($0) }),
      "default_prompt_name": standard.map { .string($0) },
    ])
    let folder = try EncoderFolder(reading: model)
    #expect(folder.prompt(for: .query) == query)
    #expect(folder.prompt(for: .passage) == passage)
    #expect(folder.defaultPromptName == standard)
  }
}

extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral
{
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(stringLiteral value: String) { self = .string(value) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}
