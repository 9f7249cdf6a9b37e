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

  /// `model.vocab` where it is an object of tokens and ids, in the order of the file.
  func vocabulary(
    _ model: ExactJSON
  ) throws -> (tokens: [(token: [UInt8], id: Int32)], idOf: [[UInt8]: Int32]) {
    guard case .object(let members)? = model["vocab"] else {
      throw error(.damagedFile, "model.vocab is not an object; fetch the file again")
    }
    return try numbered(members)
  }

  /// Tokens with their ids, each token once.
  func numbered(
    _ members: [(key: [UInt8], value: ExactJSON, offset: Int)]
  ) throws -> (tokens: [(token: [UInt8], id: Int32)], idOf: [[UInt8]: Int32]) {
    var tokens: [(token: [UInt8], id: Int32)] = []
    var idOf: [[UInt8]: Int32] = [:]
    tokens.reserveCapacity(members.count)
    idOf.reserveCapacity(members.count)
    for (token, value, offset) in members {
      let name = String(decoding: token, as: UTF8.self)
      guard let id = value.id else {
        throw error(
          .damagedFile, at: offset, "the id of \"\(name)\" is not a whole number; correct it")
      }
      if idOf.updateValue(id, forKey: token) != nil {
        throw error(
          .duplicateEntry, at: offset,
          "the token \"\(name)\" is already in the vocabulary; remove one of them")
      }
      tokens.append((token, id))
    }
    return (tokens, idOf)
  }

  /// The member `added_tokens`, with ids.
  func addedTokens(
    _ json: ExactJSON, idOf: [[UInt8]: Int32], size: Int
  ) throws -> [(token: AddedToken, id: Int32)] {
    let tokens = try (json["added_tokens"]?.elements ?? []).map {
      try addedToken($0, "added_tokens")
    }
    return try AddedToken.numbered(tokens, idOf: idOf, size: size, source: path)
  }
}
