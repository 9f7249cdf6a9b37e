import Foundation

/// How the hidden states of a text's tokens become one embedding.
public enum PoolingMode: String, Sendable, CaseIterable {
  /// The first token's hidden state.
  case cls
  /// The mean over all tokens.
  case mean
  /// The largest value per dimension over all tokens.
  case max
}

/// What a pooling module's `config.json` says.
struct PoolingConfiguration: Sendable, Equatable {
  let mode: PoolingMode
  /// False when a prompt's tokens are left out of the pooling.
  let includesPrompt: Bool

  /// Reads either schema: booleans per mode (up to sentence-transformers 5.3), or a name or list of
  /// names under `pooling_mode` (from 5.4).
  ///
  /// - Throws: `EncoderError` `.unsupported` naming a mode Freshet does not know, or several modes;
  ///   `.invalidConfiguration` when there is none, or the width is not `hiddenSize`.
  init(contentsOf file: URL, hiddenSize: Int) throws {
    let json = try JSONObject(contentsOf: file)
    for key in ["embedding_dimension", "word_embedding_dimension"] {
      guard let width = try json.integer(key, minimum: 1), width != hiddenSize else { continue }
      throw EncoderError(
        .invalidConfiguration,
        "\(json.file): \"\(key)\" is \(width), the model's hidden size is \(hiddenSize)")
    }
    let names = try Self.modernNames(json) ?? Self.legacyNames(json)
    guard let name = names.first else {
      throw EncoderError(
        .invalidConfiguration,
        "\(json.file) switches no pooling mode on; one of \(Self.known) is needed")
    }
    guard names.count == 1 else {
      throw EncoderError(
        .unsupported,
        "\(json.file) joins several pooling modes (\(names.joined(separator: ", "))), "
          + "Freshet uses one of \(Self.known)")
    }
    guard let mode = PoolingMode(rawValue: name) else {
      throw EncoderError(
        .unsupported,
        "\(json.file): pooling mode \"\(name)\" is not known to Freshet; it knows \(Self.known)")
    }
    self.mode = mode
    includesPrompt = try json.bool("include_prompt") ?? true
  }

  private static let known = PoolingMode.allCases.map(\.rawValue).joined(separator: ", ")

  /// The modes of the schema from 5.4 on, or nil when the file is of the older one.
  private static func modernNames(_ json: JSONObject) throws -> [String]? {
    guard let value = json.present("pooling_mode") else { return nil }
    let values: [JSONValue] = if case .array(let list) = value { list } else { [value] }
    return try values.map {
      guard case .string(let name) = $0 else {
        throw json.wrong("pooling_mode", value, "a name or a list of names")
      }
      return name
    }
  }

  /// The modes whose `pooling_mode_…` is true, under their names in the newer schema.
  private static func legacyNames(_ json: JSONObject) throws -> [String] {
    let prefix = "pooling_mode_"
    let newer = ["cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max"]
    return try json.fields.keys.sorted()
      .filter { try $0.hasPrefix(prefix) && json.bool($0) == true }
      .map { String($0.dropFirst(prefix.count)) }
      .map { newer[$0] ?? $0 }
  }
}
