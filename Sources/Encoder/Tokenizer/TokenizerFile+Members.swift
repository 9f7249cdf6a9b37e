extension TokenizerFile {
  /// A member that must be there; `null` counts as there.
  func member(_ object: ExactJSON, _ key: String) throws -> ExactJSON {
    if let value = object[key] { return value }
    throw error(.damagedFile, "\(key) is missing; fetch the file again")
  }

  /// A Boolean member; `nil` when it is missing or `null`.
  func flag(_ object: ExactJSON, _ key: String) throws -> Bool? {
    guard let value = object[key], !value.isNull else { return nil }
    if let flag = value.flag { return flag }
    throw error(.damagedFile, "\(key) is neither true, false nor null; correct it")
  }

  /// Refuses a part of a tokenizer of another type than the given one, by name.
  func require(_ part: ExactJSON, _ name: String, is type: String) throws {
    let found = part["type"]?.text ?? (part.isNull ? "null" : "without a type")
    if found == type { return }
    throw error(
      .unsupported,
      "the \(name) is \(found); only BERT's WordPiece tokenizers are read (\(type))")
  }

  /// The id of `["[CLS]", 101]`, as `BertProcessing` has it.
  func specialID(_ processor: ExactJSON, _ key: String) throws -> Int32 {
    if let pair = processor[key]?.elements, pair.count == 2, let id = pair[1].id { return id }
    throw error(.missingToken, "post_processor.\(key) is not a token with its id; correct it")
  }

  /// An added token, written as its text alone or as an object with its rules.
  func addedToken(_ value: ExactJSON, _ name: String) throws -> AddedToken {
    if let content = value.text { return AddedToken(content) }
    guard let content = value["content"]?.text else {
      throw error(.damagedFile, "\(name) has a token without content; correct it")
    }
    let isSpecial = try flag(value, "special") ?? true
    return AddedToken(
      content, isSingleWord: try flag(value, "single_word") ?? false,
      stripsLeft: try flag(value, "lstrip") ?? false,
      stripsRight: try flag(value, "rstrip") ?? false,
      isNormalized: try flag(value, "normalized") ?? !isSpecial, isSpecial: isSpecial)
  }
}
