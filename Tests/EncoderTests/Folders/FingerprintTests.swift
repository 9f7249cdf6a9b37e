import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("fingerprints")
struct FingerprintTests {
  static let tokenizer: [UInt8] = Array("a tokenizer".utf8)

  private func fingerprint(_ url: URL, pooling: PoolingMode? = nil) throws -> String {
    try EncoderFolder(reading: url, pooling: pooling).fingerprint(tokenizerIdentity: Self.tokenizer)
  }

  @Test("equals what tools/fixtures/model_folders.py computes on its own")
  func equalsPython() throws {
    // Stored with every embedding: a change of the recipe orphans all collections.
    let expected = try String(contentsOf: FolderFixtures.url("fingerprint.txt"), encoding: .utf8)
    #expect(try fingerprint(FolderFixtures.url("legacy")) + "\n" == expected)
  }

  @Test("schema, place and name do not count")
  func place() throws {
    let scratch = try TemporaryFolder()
    let expected = try fingerprint(FolderFixtures.url("legacy"))
    #expect(try fingerprint(FolderFixtures.url("modern")) == expected)
    #expect(try fingerprint(scratch.copy(of: "legacy", as: "another name")) == expected)
  }

  @Test("prefix, gamma and beta, heads and buffers do not count", arguments: ["plain", "dpr"])
  func tensorNames(fixture: String) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    let expected = try fingerprint(model)
    let weights = "model.safetensors"
    try model.remove(weights)
    try FileManager.default.copyItem(
      at: FolderFixtures.url(fixture).appending(path: weights), to: model.appending(path: weights))
    #expect(try fingerprint(model) == expected)
  }

  @Test("storage does not count, values do", arguments: ["f16", "bf16"])
  func storage(fixture: String) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    let original = try fingerprint(model)
    let file = model.appending(path: "model.safetensors")
    try model.remove("model.safetensors")
    try FileManager.default.copyItem(
      at: FolderFixtures.url(fixture).appending(path: "model.safetensors"), to: file)
    let rounded = try fingerprint(model)
    #expect(rounded != original)
    let widened = try CanonicalTensorTests.stored(fixture)
    try SafetensorsFile.write(widened, metadata: [:], to: file.path)
    #expect(try fingerprint(model) == rounded)
  }

  @Test("what does not change embeddings does not count", arguments: [
    ("config.json", "hidden_dropout_prob", .number(0.3)),
    ("config.json", "_name_or_path", "elsewhere"),
    ("config_sentence_transformers.json", "similarity_fn_name", "dot"),
    ("config_sentence_transformers.json", "prompts",
      .object(["query": "query : ", "document": "passage : ", "cluster": "cluster : "])),
    ("tokenizer_config.json", "model_max_length", .integer(19)),
    ("1_Pooling/config.json", "include_prompt", true),
  ] as [(String, String, JSONValue)])
  func unchanged(file: String, key: String, value: JSONValue) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    try model.edit(file, [key: value])
    #expect(try fingerprint(model) == fingerprint(FolderFixtures.url("legacy")))
  }

  @Test("what changes embeddings counts", arguments: [
    ("config.json", ["num_attention_heads": .integer(4)]),
    ("config.json", ["layer_norm_eps": .number(1e-6)]),
    ("config.json", ["hidden_act": "relu"]),
    ("config.json", ["hidden_act": "gelu_new"]),
    ("sentence_bert_config.json", ["max_seq_length": .integer(19)]),
    ("1_Pooling/config.json", ["pooling_mode_mean_tokens": false, "pooling_mode_cls_token": true]),
    ("1_Pooling/config.json", ["pooling_mode_mean_tokens": false, "pooling_mode_max_tokens": true]),
    ("config_sentence_transformers.json", ["prompts": .object(["query": "query : "])]),
    ("config_sentence_transformers.json", ["prompts": .object(["document": "passage : "])]),
    ("config_sentence_transformers.json",
      ["prompts": .object(["query": "passage : ", "document": "query : "])]),
  ] as [(String, [String: JSONValue])])
  func changed(file: String, changes: [String: JSONValue]) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    try model.edit(file, changes)
    #expect(try fingerprint(model) != fingerprint(FolderFixtures.url("legacy")))
  }

  @Test("one bit of one weight, the tokenizer, and normalisation count")
  func smallChanges() throws {
    let scratch = try TemporaryFolder()
    let legacy = try EncoderFolder(reading: FolderFixtures.url("legacy"))
    let original = try legacy.fingerprint(tokenizerIdentity: Self.tokenizer)
    #expect(try legacy.fingerprint(tokenizerIdentity: Self.tokenizer + [0]) != original)
    let nudged = try CanonicalTensorTests.changed(in: scratch) { tensors in
      let i = tensors.firstIndex { $0.name == "encoder.layer.1.output.LayerNorm.bias" } ?? 0
      tensors[i].values[0, 11] = tensors[i].values[0, 11].nextUp
    }
    #expect(try nudged.fingerprint(tokenizerIdentity: Self.tokenizer) != original)
    let plain = FolderFixtures.url("plain")
    let scaled = try [false, true].map {
      try EncoderFolder(reading: plain, pooling: .mean, normalizes: $0)
        .fingerprint(tokenizerIdentity: Self.tokenizer)
    }
    #expect(scaled[0] != scaled[1])
  }

  @Test("the pooler does not count")
  func pooler() throws {
    let scratch = try TemporaryFolder()
    let changed = try CanonicalTensorTests.changed(in: scratch) { tensors in
      let i = tensors.firstIndex { $0.name == "pooler.dense.bias" } ?? 0
      tensors[i].values[0, 0] += 1
    }
    #expect(
      try changed.fingerprint(tokenizerIdentity: Self.tokenizer)
        == fingerprint(FolderFixtures.url("legacy")))
  }
}
