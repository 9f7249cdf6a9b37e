/// The side on which a text that is too long loses tokens.
public enum TruncationSide: String, Sendable {
  case left, right
}

extension TruncationSide {
  /// `truncation_side` of `tokenizer_config.json`; `nil` when it does not say.
  init?(configuration json: ExactJSON, _ file: TokenizerFile) throws {
    guard let value = json["truncation_side"], !value.isNull else { return nil }
    self = try Self.read(value, "truncation_side", file)
  }

  /// As `transformers` finds it, and sentence-transformers with it: `tokenizer_config.json` first,
  /// then `truncation.direction` of `tokenizer.json`, then the right.
  init(json: ExactJSON, _ file: TokenizerFile, _ configuration: TokenizerFile?) throws {
    if let configuration,
      let side = try TruncationSide(configuration: configuration.json(), configuration)
    {
      self = side
    } else if let value = json["truncation"]?["direction"], !value.isNull {
      self = try Self.read(value, "truncation.direction", file)
    } else {
      self = .right
    }
  }

  private static func read(
    _ value: ExactJSON, _ name: String, _ file: TokenizerFile
  ) throws -> TruncationSide {
    if let side = value.text.flatMap({ TruncationSide(rawValue: $0.lowercased()) }) { return side }
    throw file.error(.damagedFile, "\(name) is neither \"left\" nor \"right\"; correct it")
  }
}
