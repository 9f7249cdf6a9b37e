import Tensors
public import Foundation

extension BERTConfiguration {
  /// Reads a Hugging Face `config.json`.
  ///
  /// Sizes must be there; constants that are left out have the values of Hugging Face's
  /// configuration class of the family.
  ///
  /// - Throws: `EncoderError`: `.unsupported` naming a model type, activation, position embedding
  ///   or switch that Freshet does not know; `.invalidConfiguration` for a value that is absent or
  ///   cannot be; `.missingFile`, `.damagedFile`.
  public init(contentsOf file: URL) throws {
    let json = FamilyJSON(try JSONObject(contentsOf: file), try Self.family(of: file))
    let family = json.family
    try Self.refuseOtherModels(json.object)
    let hidden = try json.size("hidden_size")
    let heads = try json.size("num_attention_heads")
    guard hidden % heads == 0 else {
      throw EncoderError(
        .invalidConfiguration,
        "\(file.path): num_attention_heads \(heads) does not divide hidden_size \(hidden)")
    }
    let positions = try json.size("max_position_embeddings")
    let padding = try json.integer("pad_token_id", minimum: 0) ?? family.usualPaddingID
    let first = family.firstPosition(paddingID: padding)
    guard positions > first else {
      throw EncoderError(
        .invalidConfiguration,
        "\(file.path): max_position_embeddings is \(positions), the first position is \(first)")
    }
    self.init(
      vocabularySize: try json.size("vocab_size"), hiddenSize: hidden,
      layerCount: try json.size("num_hidden_layers"), headCount: heads,
      intermediateSize: try json.size("intermediate_size"), maximumPositions: positions,
      typeVocabularySize: family.hasTypes
        ? try json.integer("type_vocab_size", minimum: 1) ?? 2 : 0,
      layerNormEpsilon: try json.fraction("layer_norm_eps") ?? 1e-12,
      hiddenDropout: try json.fraction("hidden_dropout_prob") ?? 0.1,
      attentionDropout: try json.fraction("attention_probs_dropout_prob") ?? 0.1,
      activation: try Activation(json), paddingTokenID: padding, family: family,
      firstPosition: first, relativeBuckets: family.hasRelativeBias ? mpnetBuckets : 0)
  }

  private static func family(of file: URL) throws -> TransformerFamily {
    let json = try JSONObject(contentsOf: file)
    let type = try json.string("model_type")
    guard let family = type.flatMap(TransformerFamily.init(modelType:)) else {
      throw json.unsupported(
        "model_type", json.present("model_type"),
        "it reads \(TransformerFamily.modelTypes.joined(separator: ", "))")
    }
    return family
  }

  /// Throws when the model computes something else than its family's encoder.
  private static func refuseOtherModels(_ json: JSONObject) throws {
    if let position = try json.string("position_embedding_type"), position != "absolute" {
      throw json.unsupported(
        "position_embedding_type", .string(position), "it knows \"absolute\"")
    }
    if let width = try json.integer("embedding_size", minimum: 1),
      let hidden = try json.integer("hidden_size", minimum: 1), width != hidden
    {
      throw json.unsupported(
        "embedding_size", .integer(width), "it reads the hidden size, \(hidden), alone")
    }
    let buckets = try json.integer("relative_attention_num_buckets", minimum: 1)
    if let buckets, buckets != mpnetBuckets {
      throw json.unsupported(
        "relative_attention_num_buckets", .integer(buckets), "it knows \(mpnetBuckets)")
    }
    for key in ["is_decoder", "add_cross_attention"] where try json.bool(key) == true {
      throw json.unsupported(key, .bool(true), "it reads encoders")
    }
    for key in ["auto_map", "quantization_config"] {
      if let value = json.present(key) {
        throw json.unsupported(key, value, "such a model computes something else than its type")
      }
    }
    if case .object(let pruned)? = json.present("pruned_heads"), !pruned.isEmpty {
      throw json.unsupported("pruned_heads", .object(pruned), "it reads unpruned models")
    }
  }

  /// A `config.json` for these values, as the family's Hugging Face class reads it, in float32.
  var json: JSONValue {
    let values: [String: JSONValue] = [
      "architectures": .array([.string(family.className)]),
      "model_type": .string(family.rawValue), "torch_dtype": .string("float32"),
      "position_embedding_type": .string("absolute"),
      "vocab_size": .integer(vocabularySize), "hidden_size": .integer(hiddenSize),
      "num_hidden_layers": .integer(layerCount), "num_attention_heads": .integer(headCount),
      "intermediate_size": .integer(intermediateSize),
      "max_position_embeddings": .integer(maximumPositions),
      "type_vocab_size": typeVocabularySize > 0 ? .integer(typeVocabularySize) : .null,
      "relative_attention_num_buckets": relativeBuckets > 0 ? .integer(relativeBuckets) : .null,
      "pad_token_id": .integer(paddingTokenID), "layer_norm_eps": .shortest(layerNormEpsilon),
      "hidden_dropout_prob": .shortest(hiddenDropout),
      "attention_probs_dropout_prob": .shortest(attentionDropout),
      "hidden_act": .string(activation.huggingFaceName),
    ]
    var named: [String: JSONValue] = [:]
    for (key, value) in values where value != .null {
      if let key = family.key(key) { named[key] = value }
    }
    return .object(named)
  }
}

/// The number of relative distances that MPNet's code tells apart, whatever its configuration says.
private let mpnetBuckets = 32

extension Activation {
  /// Names Hugging Face uses for functions Freshet has.
  private static let known: [String: Self] = [
    "gelu": .gelu, "gelu_python": .gelu, "relu": .relu,
    "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu_fast": .geluTanh,
    "gelu_python_tanh": .geluTanh, "gelu_accurate": .geluTanh,
  ]

  fileprivate init(_ json: FamilyJSON) throws {
    let name = try json.string("hidden_act") ?? "gelu"
    guard let activation = Self.known[name] else {
      let names = Self.known.keys.sorted().joined(separator: ", ")
      let key = json.family.key("hidden_act") ?? "hidden_act"
      throw json.object.unsupported(key, .string(name), "it knows \(names)")
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
  /// The error for a value Freshet does not know.
  func unsupported(_ key: String, _ value: JSONValue?, _ known: String) -> EncoderError {
    EncoderError(
      .unsupported,
      "\(file): \"\(key)\" is \(value?.shown ?? "absent"), which Freshet does not know; \(known)")
  }
}
