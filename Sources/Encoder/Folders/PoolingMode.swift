import Foundation

/// One way the hidden states of a text's tokens become one vector.
public enum PoolingMode: String, Sendable, CaseIterable {
  /// The first token's hidden state.
  case cls
  /// The mean over the tokens.
  case mean
  /// The largest value per dimension over the tokens.
  case max
  /// The sum over the tokens divided by the root of their number.
  case meanSqrtLength = "mean_sqrt_len_tokens"
  /// The mean over the tokens, the token at place i (from 1) counting i times.
  case weightedMean = "weightedmean"
  /// The last token's hidden state.
  case lastToken = "lasttoken"

  /// The order in which the schema up to sentence-transformers 5.3 joins modes.
  static let legacyOrder: [PoolingMode] = [
    .cls, .max, .mean, .meanSqrtLength, .weightedMean, .lastToken,
  ]

  /// The switch of this mode in the schema up to 5.3.
  var legacyKey: String {
    switch self {
    case .cls, .mean, .max: "pooling_mode_\(rawValue)_\(self == .cls ? "token" : "tokens")"
    case .weightedMean: "pooling_mode_weightedmean_tokens"
    case .meanSqrtLength, .lastToken: "pooling_mode_\(rawValue)"
    }
  }
}

extension Pooling {
  /// Reads a pooling module's `config.json` of either schema: booleans per mode (up to
  /// sentence-transformers 5.3), or a name or list of names under `pooling_mode` (from 5.4).
  ///
  /// - Throws: `EncoderError` `.unsupported` naming a mode Freshet does not know;
  ///   `.invalidConfiguration` when there is none, or the width is not `hiddenSize`.
  init(contentsOf file: URL, hiddenSize: Int) throws {
    let json = try JSONObject(contentsOf: file)
    for key in ["embedding_dimension", "word_embedding_dimension"] {
      guard let width = try json.integer(key, minimum: 1), width != hiddenSize else { continue }
      throw EncoderError(
        .invalidConfiguration,
        "\(json.file): \"\(key)\" is \(width), the model's hidden size is \(hiddenSize)")
    }
    let modes = try Self.modernModes(json) ?? Self.legacyModes(json)
    guard !modes.isEmpty else {
      throw EncoderError(
        .invalidConfiguration,
        "\(json.file) switches no pooling mode on; at least one of \(Self.known) is needed")
    }
    self.init(modes, includesPrompt: try json.bool("include_prompt") ?? true)
  }

  private static let known = PoolingMode.allCases.map(\.rawValue).joined(separator: ", ")

  /// The modes of the schema from 5.4 on, in the order given, or nil when the file is older.
  private static func modernModes(_ json: JSONObject) throws -> [PoolingMode]? {
    guard let value = json.present("pooling_mode") else { return nil }
    let values: [JSONValue] = if case .array(let list) = value { list } else { [value] }
    return try values.map {
      guard case .string(let name) = $0 else {
        throw json.wrong("pooling_mode", value, "a name or a list of names")
      }
      guard let mode = PoolingMode(rawValue: name) else { throw unknown(name, json) }
      return mode
    }
  }

  /// The modes whose `pooling_mode_…` is true, in the order the older schema joins them.
  private static func legacyModes(_ json: JSONObject) throws -> [PoolingMode] {
    let on = try json.fields.keys.sorted().filter {
      try $0.hasPrefix("pooling_mode_") && json.bool($0) == true
    }
    let keys = PoolingMode.legacyOrder.map(\.legacyKey)
    if let other = on.first(where: { !keys.contains($0) }) {
      throw unknown(String(other.dropFirst("pooling_mode_".count)), json)
    }
    return PoolingMode.legacyOrder.filter { on.contains($0.legacyKey) }
  }

  private static func unknown(_ name: String, _ json: JSONObject) -> EncoderError {
    EncoderError(
      .unsupported,
      "\(json.file): pooling mode \"\(name)\" is not known to Freshet; it knows \(known)")
  }

  /// The `config.json` of a pooling module: booleans, which every version and the servers read,
  /// unless the modes are joined in an order that only the newer schema can say.
  func json(hiddenSize: Int) -> JSONValue {
    let inOrder = PoolingMode.legacyOrder.filter(modes.contains) == modes
    guard inOrder else {
      return .object([
        "embedding_dimension": .integer(hiddenSize), "include_prompt": .bool(includesPrompt),
        "pooling_mode": .array(modes.map { .string($0.rawValue) }),
      ])
    }
    var fields: [String: JSONValue] = [
      "word_embedding_dimension": .integer(hiddenSize), "include_prompt": .bool(includesPrompt),
    ]
    for mode in PoolingMode.allCases { fields[mode.legacyKey] = .bool(modes.contains(mode)) }
    return .object(fields)
  }
}
