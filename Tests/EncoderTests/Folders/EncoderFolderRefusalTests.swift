import Foundation
import TestSupport
import Testing

@testable import Encoder

/// A change to a good folder that makes it one Freshet must refuse, and the words it must use.
struct Refusal: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let fixture: String
  let code: EncoderError.Code
  let fragments: [String]
  let change: @Sendable (URL) throws -> Void

  init(
    _ description: String, of fixture: String = "legacy", _ code: EncoderError.Code,
    _ fragments: String..., change: @escaping @Sendable (URL) throws -> Void
  ) {
    testDescription = description
    self.fixture = fixture
    self.code = code
    self.fragments = fragments
    self.change = change
  }

  /// A refusal for one value in one JSON file.
  init(
    _ file: String, _ key: String, _ value: JSONValue?, of fixture: String = "legacy",
    _ code: EncoderError.Code = .unsupported, _ fragments: String...
  ) {
    testDescription = "\(file): \(key) = \(value?.shown ?? "absent")"
    self.fixture = fixture
    self.code = code
    self.fragments = [file] + fragments
    change = { try $0.edit(file, [key: value]) }
  }
}

@Suite("folders that are refused")
struct EncoderFolderRefusalTests {
  static let prompts = "config_sentence_transformers.json"
  static let dropout = "sentence_transformers.models.Dropout"

  static let modules: [Refusal] = [
    Refusal("a Dropout module", .unsupported,
      "module 2 has type \(dropout), which Freshet does not know; it knows Transformer, Pooling, "
        + "Dense, LayerNorm and Normalize") { try $0.editModule(2, ["type": .string(dropout)]) },
    Refusal("Dense without configuration", .missingFile, "2_Normalize/config.json") {
      try $0.editModule(2, ["type": "sentence_transformers.models.Dense"])
    },
    Refusal("a Router", of: "modern", .unsupported,
      "module 0 has type sentence_transformers.Router") {
      try $0.editModule(0, ["type": "sentence_transformers.Router"])
    },
    Refusal("a module without type", .unsupported, "module 1 has type (none)") {
      try $0.editModule(1, ["type": .null])
    },
    Refusal("Normalize before Pooling", .unsupported, "lists Transformer, Normalize, Pooling") {
      try $0.editModule(1, ["type": "sentence_transformers.models.Normalize"])
      try $0.editModule(2, ["type": "sentence_transformers.models.Pooling"])
    },
    Refusal("two poolings", .unsupported, "lists Transformer, Pooling, Pooling") {
      try $0.editModule(2, ["type": "sentence_transformers.models.Pooling"])
    },
    Refusal("no module", .unsupported, "no module") { try $0.replace("modules.json", by: "[]") },
    Refusal("an object", .invalidConfiguration, "modules.json is not a list") {
      try $0.replace("modules.json", by: "{}")
    },
    Refusal("a number as module", .invalidConfiguration, "module 0 is not an object") {
      try $0.replace("modules.json", by: "[3]")
    },
    Refusal("a path out of the folder", .invalidConfiguration, "../other", "leads out") {
      try $0.editModule(1, ["path": "../other"])
    },
    Refusal("broken JSON", .damagedFile, "modules.json is not valid JSON: line 2") {
      try $0.replace("modules.json", by: "[\n oops")
    },
    Refusal("Normalize of tokens", of: "modern", .unsupported, "token_embeddings") {
      try $0.edit("2_Normalize/config.json", ["module_input_name": "token_embeddings"])
    },
  ]

  static let poolings: [Refusal] = [
    Refusal("1_Pooling/config.json", "pooling_mode_mean_tokens", false, .invalidConfiguration,
      "no pooling mode"),
    Refusal("1_Pooling/config.json", "pooling_mode", "median", of: "modern", .unsupported,
      "\"median\"", "cls, mean, max"),
    Refusal("1_Pooling/config.json", "pooling_mode", ["cls", "mode"], of: "modern", .unsupported,
      "\"mode\""),
    Refusal("1_Pooling/config.json", "pooling_mode", [], of: "modern", .invalidConfiguration),
    Refusal("1_Pooling/config.json", "pooling_mode", nil, of: "modern", .invalidConfiguration),
    Refusal("1_Pooling/config.json", "pooling_mode", true, of: "modern", .invalidConfiguration),
    Refusal("1_Pooling/config.json", "embedding_dimension", .integer(13), of: "modern",
      .invalidConfiguration, "13", "12"),
    Refusal("a mode of tomorrow", .unsupported, "\"attention_tokens\"") {
      try $0.edit("1_Pooling/config.json", [
        "pooling_mode_mean_tokens": false, "pooling_mode_attention_tokens": true,
      ])
    },
    Refusal("no pooling file", .missingFile, "1_Pooling/config.json") {
      try $0.remove("1_Pooling/config.json")
    },
  ]

  static let configurations: [Refusal] = [
    Refusal("config.json", "embedding_size", .integer(8), .unsupported, "8", "12"),
    Refusal("config.json", "relative_attention_num_buckets", .integer(16)),
    Refusal("config.json", "pad_token_id", .integer(23), of: "roberta", .invalidConfiguration,
      "max_position_embeddings is 24", "24"),
    Refusal("config.json", "model_type", nil, .unsupported, "absent"),
    Refusal("config.json", "hidden_act", "silu", .unsupported, "\"silu\"", "gelu_new"),
    Refusal("config.json", "position_embedding_type", "relative_key", .unsupported, "relative_key"),
    Refusal("config.json", "is_decoder", true),
    Refusal("config.json", "add_cross_attention", true),
    Refusal("config.json", "auto_map", .object(["AutoModel": "x--y.Z"])),
    Refusal("config.json", "quantization_config", .object([:])),
    Refusal("config.json", "pruned_heads", .object(["0": [.integer(1)]])),
  ] + [
    "albert", "deberta-v2", "t5", "modernbert", "nomic_bert", "qwen3", "new", "xlnet",
  ].map { type in
    Refusal("config.json", "model_type", .string(type), .unsupported, "\"\(type)\"",
      "it reads bert, camembert, distilbert, dpr, electra, mpnet, roberta, xlm-roberta")
  } + [
    Refusal("config.json", "hidden_size", nil, .invalidConfiguration, "has no \"hidden_size\""),
    Refusal("config.json", "hidden_size", "wide", .invalidConfiguration, "\"wide\""),
    Refusal("config.json", "vocab_size", .integer(0), .invalidConfiguration, "at least 1"),
    Refusal("config.json", "num_hidden_layers", .number(2.5), .invalidConfiguration, "2.5"),
    Refusal("config.json", "num_attention_heads", .integer(5), .invalidConfiguration, "5", "12"),
    Refusal("config.json", "layer_norm_eps", .integer(-1), .invalidConfiguration),
    Refusal("config.json", "hidden_dropout_prob", .integer(1), .invalidConfiguration),
    Refusal("no config.json", .missingFile, "config.json does not exist") {
      try $0.remove("config.json")
    },
    Refusal("a list", .invalidConfiguration, "config.json holds a list") {
      try $0.replace("config.json", by: "[]")
    },
    Refusal("cut config.json", .damagedFile, "config.json is not valid JSON: line 3") {
      try $0.replace("config.json", by: "{\n\"model_type\":\n")
    },
  ]

  static let texts: [Refusal] = [
    Refusal("sentence_bert_config.json", "transformer_task", "text-generation", of: "modern"),
    Refusal("sentence_bert_config.json", "module_output_name", "sentence_embedding", of: "modern"),
    Refusal("sentence_bert_config.json", "modality_config",
      .object(["text": .object(["method_output_name": "pooler_output"])]), of: "modern",
      .unsupported, "\"modality_config\"", "pooler_output"),
    Refusal("sentence_bert_config.json", "query_length", .integer(8), of: "modern"),
    Refusal("sentence_bert_config.json", "document_length", .integer(8), of: "modern"),
    Refusal("sentence_bert_config.json", "query_expansion", .object([:]), of: "modern"),
    Refusal("sentence_bert_config.json", "processing_kwargs",
      .object(["text": .object(["max_length": .integer(8)])]), of: "modern"),
    Refusal("sentence_bert_config.json", "max_seq_length", .integer(2), .invalidConfiguration),
    Refusal("sentence_bert_config.json", "max_seq_length", "long", .invalidConfiguration),
    Refusal("sentence_bert_config.json", "max_seq_length", .integer(25), .invalidConfiguration,
      "25", "24 positions"),
    Refusal("a cased tokenizer to be lower-cased", .unsupported, "do_lower_case") {
      try $0.edit("sentence_bert_config.json", ["do_lower_case": true])
      try $0.remove("tokenizer.json")
      try $0.edit("tokenizer_config.json", ["do_lower_case": false])
    },
    Refusal(prompts, "model_type", "SparseEncoder", of: "modern", .unsupported, "SparseEncoder"),
    Refusal(prompts, "truncate_dim", .integer(0), .invalidConfiguration, "0"),
    Refusal(prompts, "default_prompt_name", "gone", .invalidConfiguration, "\"gone\""),
    Refusal(prompts, "prompts", .object(["query": .integer(3)]), .invalidConfiguration),
  ]

  static let weights: [Refusal] = [
    Refusal("no weights", .missingFile, "model.safetensors does not exist") {
      try $0.remove("model.safetensors")
    },
  ] + [
    "pytorch_model.bin", "pytorch_model.bin.index.json",
    "tf_model.h5", "adapter_model.safetensors",
  ].map { name in
    Refusal("weights in \(name)", .unsupported, name, "save_pretrained") {
      try $0.remove("model.safetensors")
      try $0.replace(name, by: "x")
    }
  }

  @Test("is refused in words that name what is wrong",
    arguments: modules + poolings + configurations + texts + weights)
  func refused(_ refusal: Refusal) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: refusal.fixture)
    try refusal.change(model)
    let pooling: PoolingMode? = refusal.fixture == "dpr" ? .cls : nil
    let error = try encoderError(refusal.code) {
      _ = try EncoderFolder(reading: model, pooling: pooling)
    }
    for fragment in refusal.fragments + [model.path] {
      #expect(error.message.contains(fragment), "\(error.message)")
    }
  }

  @Test("a lower-casing tokenizer may be asked to lower-case, in either form")
  func lowercasing() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    try model.edit("sentence_bert_config.json", ["do_lower_case": true])
    _ = try EncoderFolder(reading: model)
    try model.remove("tokenizer.json")
    _ = try EncoderFolder(reading: model)
  }

  @Test("no folder, or a file")
  func noFolder() throws {
    let scratch = try TemporaryFolder()
    try encoderError(.missingFile) {
      _ = try EncoderFolder(reading: scratch.url.appending(path: "none"))
    }
    try scratch.url.replace("file", by: "x")
    try encoderError(.invalidArgument) {
      _ = try EncoderFolder(reading: scratch.url.appending(path: "file"))
    }
  }
}
