import Foundation

extension NormalizerStep {
  /// Reads the normalizer of a `tokenizer.json`; `null` is no step, sequences are laid flat.
  ///
  /// - Throws: `TokenizerError` `.unsupported` naming a step that is not known, `.damagedFile`.
  static func steps(_ json: ExactJSON, _ file: TokenizerFile) throws -> [NormalizerStep] {
    if json.isNull { return [] }
    guard json["type"]?.text == "Sequence" else { return [try step(json, file)] }
    return try (try file.member(json, "normalizers").elements ?? []).flatMap {
      try steps($0, file)
    }
  }

  private static func step(_ json: ExactJSON, _ file: TokenizerFile) throws -> NormalizerStep {
    switch json["type"]?.text {
    case "BertNormalizer":
      let options = try WordPieceOptions(normalizer: json, file)
      return .bert(TextNormalizer(options), options)
    case "Lowercase": return lowercase
    case "StripAccents": return .stripAccents
    case "Strip":
      return .strip(
        left: try file.flag(json, "strip_left") ?? true,
        right: try file.flag(json, "strip_right") ?? true)
    case "Replace": return try replace(json, file)
    case "Prepend": return .prepend(Array(try file.text(json, "prepend", "normalizer").utf8))
    case "Nmt": return .nmt
    case "Precompiled": return try precompiled(json, file)
    case let type:
      if let form = type.flatMap(UnicodeForm.init(rawValue:)) { return .form(form) }
      throw file.unknown("normalizer", type)
    }
  }

  private static func replace(_ json: ExactJSON, _ file: TokenizerFile) throws -> NormalizerStep {
    let content = try file.text(json, "content", "normalizer Replace")
    return .replace(
      try TextPattern(json, "normalizer Replace", file), by: Array(content.utf8))
  }

  private static func precompiled(
    _ json: ExactJSON, _ file: TokenizerFile
  ) throws -> NormalizerStep {
    let text = try file.text(json, "precompiled_charsmap", "normalizer Precompiled")
    guard let data = Data(base64Encoded: text), let map = CharacterMap(Array(data)) else {
      throw file.error(
        .damagedFile,
        "normalizer Precompiled: precompiled_charsmap is not a character map in base 64; fetch"
          + " the file again")
    }
    return .precompiled(map)
  }
}

extension WordPieceOptions {
  /// The members of a `BertNormalizer`.
  init(normalizer json: ExactJSON, _ file: TokenizerFile) throws {
    self.init()
    cleansText = try file.flag(json, "clean_text") ?? true
    separatesIdeographs = try file.flag(json, "handle_chinese_chars") ?? true
    stripsAccents = try file.flag(json, "strip_accents")
    lowercases = try file.flag(json, "lowercase") ?? true
  }
}

extension TextPattern {
  /// Reads `{"String": …}` or `{"Regex": …}`.
  init(_ json: ExactJSON, _ part: String, _ file: TokenizerFile) throws {
    let pattern = try file.member(json, "pattern")
    if let text = pattern["String"]?.text, !text.isEmpty {
      self = .literal(Array(text.utf8))
    } else if let text = pattern["Regex"]?.text, let read = TextPattern(expression: text) {
      self = read
    } else {
      let words = pattern["Regex"]?.text ?? pattern["String"]?.text ?? "without a String or Regex"
      throw file.error(
        .unsupported,
        "the pattern of the \(part) is \"\(words)\"; of expressions only one character or \\s,"
          + " repeated or not, and the words of GPT-2 are read")
    }
  }
}

extension TokenizerFile {
  /// A member that must be text.
  func text(_ object: ExactJSON, _ key: String, _ part: String) throws -> String {
    if let text = object[key]?.text { return text }
    throw error(.damagedFile, "the \(part) has no text \"\(key)\"; fetch the file again")
  }

  /// A part of a type that is not known here.
  func unknown(_ part: String, _ type: String?) -> TokenizerError {
    error(
      .unsupported,
      "the \(part) is \(type ?? "without a type"), which is not read here; choose an encoder"
        + " with another tokenizer")
  }
}
