import Tensors
public import Foundation

extension BERTConfiguration {
  /// Reads a Hugging Face `config.json`.
  ///
  /// Sizes must be there; constants that are left out have the values of Hugging Face's
  /// `BertConfig`.
  ///
  /// - Throws: `EncoderError`: `.unsupported` naming a model type, activation, position embedding
  ///   or switch that Freshet does not know; `.invalidConfiguration` for a value that is absent or
  ///   cannot be; `.missingFile`, `.damagedFile`.
  public init(contentsOf file: URL) throws {
    let json = try JSONObject(contentsOf: file)
    try BERTConfiguration.refuseOtherModels(json)
    let hidden = try json.size("hidden_size")
    let heads = try json.size("num_attention_heads")
    guard hidden % heads == 0 else {
      throw EncoderError(
        .invalidConfiguration,
        "\(json.file): num_attention_heads \(heads) does not divide hidden_size \(hidden)")
    }
    self.init(
      vocabularySize: try json.size("vocab_size"), hiddenSize: hidden,
      layerCount: try json.size("num_hidden_layers"), headCount: heads,
      intermediateSize: try json.size("intermediate_size"),
      maximumPositions: try json.size("max_position_embeddings"),
      typeVocabularySize: try json.integer("type_vocab_size", minimum: 1) ?? 2,
      layerNormEpsilon: try json.fraction("layer_norm_eps") ?? 1e-12,
      hiddenDropout: try json.fraction("hidden_dropout_prob") ?? 0.1,
      attentionDropout: try json.fraction("attention_probs_dropout_prob") ?? 0.1,
      activation: try Activation(json),
      paddingTokenID: try json.integer("pad_token_id", minimum: 0) ?? 0)
  }

  /// Throws when the model is not a plain BERT encoder with absolute positions.
  private static func refuseOtherModels(_ json: JSONObject) throws {
    let type = try json.string("model_type")
    guard type == "bert" || type == "dpr" else {
      throw json.unsupported("model_type", json.present("model_type"), "it reads \"bert\"")
    }
    if type == "dpr", let width = try json.integer("projection_dim", minimum: 0), width > 0 {
      throw json.unsupported("projection_dim", .integer(width), "it reads DPR without projection")
    }
    if let position = try json.string("position_embedding_type"), position != "absolute" {
      throw json.unsupported(
        "position_embedding_type", .string(position), "it knows \"absolute\"")
    }
    for key in ["is_decoder", "add_cross_attention"] where try json.bool(key) == true {
      throw json.unsupported(key, .bool(true), "it reads encoders")
    }
    for key in ["auto_map", "quantization_config"] {
      if let value = json.present(key) {
        throw json.unsupported(key, value, "such a model computes something else than BERT")
      }
    }
    if case .object(let pruned)? = json.present("pruned_heads"), !pruned.isEmpty {
      throw json.unsupported("pruned_heads", .object(pruned), "it reads unpruned models")
    }
  }

  /// A `config.json` for these values, as Hugging Face's `BertModel` reads it, weights in float32.
  var json: JSONValue {
    .object([
      "architectures": .array([.string("BertModel")]), "model_type": .string("bert"),
      "torch_dtype": .string("float32"), "position_embedding_type": .string("absolute"),
      "vocab_size": .integer(vocabularySize), "hidden_size": .integer(hiddenSize),
      "num_hidden_layers": .integer(layerCount), "num_attention_heads": .integer(headCount),
      "intermediate_size": .integer(intermediateSize),
      "max_position_embeddings": .integer(maximumPositions),
      "type_vocab_size": .integer(typeVocabularySize), "pad_token_id": .integer(paddingTokenID),
      "layer_norm_eps": .shortest(layerNormEpsilon),
      "hidden_dropout_prob": .shortest(hiddenDropout),
      "attention_probs_dropout_prob": .shortest(attentionDropout),
      "hidden_act": .string(activation.huggingFaceName),
    ])
  }
}

extension Activation {
  /// Names Hugging Face uses for functions Freshet has.
  private static let known: [String: Self] = [
    "gelu": .gelu, "gelu_python": .gelu, "relu": .relu,
    "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_fast": .geluTanh,
  ]

  fileprivate init(_ json: JSONObject) throws {
    let name = try json.string("hidden_act") ?? "gelu"
    guard let activation = Self.known[name] else {
      let names = Self.known.keys.sorted().joined(separator: ", ")
      throw json.unsupported("hidden_act", .string(name), "it knows \(names)")
    }
    self = activation
  }

  fileprivate var huggingFaceName: String {
    switch self {
    case .gelu: "gelu"
    case .geluTanh: "gelu_new"
    case .relu: "relu"
    }
  }
}

extension JSONObject {
  /// A size that has no default.
  fileprivate func size(_ key: String) throws -> Int {
    guard let value = try integer(key, minimum: 1) else {
      throw EncoderError(.invalidConfiguration, "\(file) has no \"\(key)\"")
    }
    return value
  }

  /// A number in [0, 1).
  fileprivate func fraction(_ key: String) throws -> Float? {
    guard let value = try number(key) else { return nil }
    guard value >= 0, value < 1 else {
      throw wrong(key, .number(value), "a number from 0 to below 1")
    }
    return Float(value)
  }

  /// The error for a value Freshet does not know.
  func unsupported(_ key: String, _ value: JSONValue?, _ known: String) -> EncoderError {
    EncoderError(
      .unsupported,
      "\(file): \"\(key)\" is \(value?.shown ?? "absent"), which Freshet does not know; \(known)")
  }
}
