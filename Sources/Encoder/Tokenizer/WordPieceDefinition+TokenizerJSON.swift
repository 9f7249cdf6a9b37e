extension WordPieceDefinition {
  /// Reads `tokenizer.json`. Of `tokenizer_config.json` only the name of the padding token is
  /// used: the settings that `tokenizer.json` repeats are its own.
  init(tokenizerJSON file: TokenizerFile, configuration: TokenizerFile?) throws {
    let json = try file.json()
    guard case .object = json else {
      throw file.error(.damagedFile, "not a JSON object; fetch the file again")
    }
    let model = try file.member(json, "model")
    try readModel(model, file)
    try readNormalizer(try file.member(json, "normalizer"), file)
    let preTokenizer = try file.member(json, "pre_tokenizer")
    try file.require(preTokenizer, "pre_tokenizer", is: "BertPreTokenizer")
    let idOf = try readVocabulary(model, file)
    try add(
      try (json["added_tokens"]?.elements ?? []).map { try file.addedToken($0, "added_tokens") },
      idOf: idOf, size: vocabulary.count, source: file.path)
    guard let unknown = idOf[Array(options.unknownToken.utf8)] else {
      throw file.error(
        .missingToken, "the vocabulary has no \(options.unknownToken); add it to model.vocab")
    }
    unknownID = unknown
    try readPostProcessor(try file.member(json, "post_processor"), file)
    options.paddingToken = try WordPieceOptions(configuration: configuration).paddingToken
    paddingID = id(of: options.paddingToken, idOf) ?? 0
  }

  private func id(of token: String, _ idOf: [[UInt8]: Int32]) -> Int32? {
    let bytes = Array(token.utf8)
    return idOf[bytes] ?? addedTokens.first { $0.token.content.utf8.elementsEqual(bytes) }?.id
  }

  private mutating func readModel(_ model: ExactJSON, _ file: TokenizerFile) throws {
    // Files of 2020 do not name the model; only WordPiece has a longest word.
    if model["type"] != nil || model["max_input_chars_per_word"] == nil {
      try file.require(model, "model", is: "WordPiece")
    }
    options.unknownToken = model["unk_token"]?.text ?? options.unknownToken
    options.continuationPrefix =
      model["continuing_subword_prefix"]?.text ?? options.continuationPrefix
    if let value = model["max_input_chars_per_word"] {
      guard let length = value.integer, length >= 0 else {
        throw file.error(
          .damagedFile, "model.max_input_chars_per_word is not a whole number; correct it")
      }
      options.maximumWordLength = length
    }
  }

  private mutating func readNormalizer(_ normalizer: ExactJSON, _ file: TokenizerFile) throws {
    try file.require(normalizer, "normalizer", is: "BertNormalizer")
    options.cleansText = try file.flag(normalizer, "clean_text") ?? true
    options.separatesIdeographs = try file.flag(normalizer, "handle_chinese_chars") ?? true
    options.stripsAccents = try file.flag(normalizer, "strip_accents")
    options.lowercases = try file.flag(normalizer, "lowercase") ?? true
  }

  private mutating func readVocabulary(
    _ model: ExactJSON, _ file: TokenizerFile
  ) throws -> [[UInt8]: Int32] {
    guard case .object(let members)? = model["vocab"] else {
      throw file.error(.damagedFile, "model.vocab is not an object; fetch the file again")
    }
    var idOf: [[UInt8]: Int32] = [:]
    idOf.reserveCapacity(members.count)
    for (token, value, offset) in members {
      let name = String(decoding: token, as: UTF8.self)
      guard let id = value.id else {
        throw file.error(
          .damagedFile, at: offset, "the id of \"\(name)\" is not a whole number; correct it")
      }
      if idOf.updateValue(id, forKey: token) != nil {
        throw file.error(
          .duplicateEntry, at: offset,
          "the token \"\(name)\" is already in the vocabulary; remove one of them")
      }
      vocabulary.append((token, id))
    }
    return idOf
  }

  private mutating func readPostProcessor(_ processor: ExactJSON, _ file: TokenizerFile) throws {
    switch processor["type"]?.text {
    case "BertProcessing":
      opening = [try file.specialID(processor, "cls")]
      closing = [try file.specialID(processor, "sep")]
    default:
      try file.require(processor, "post_processor", is: "TemplateProcessing")
      try readTemplate(processor, file)
    }
  }

  /// Takes the special tokens before and after the text from the template for one text.
  private mutating func readTemplate(_ processor: ExactJSON, _ file: TokenizerFile) throws {
    var texts = 0
    for piece in try file.member(processor, "single").elements ?? [] {
      if piece["Sequence"]?["id"]?.text == "A" {
        texts += 1
        continue
      }
      guard let name = piece["SpecialToken"]?["id"]?.text,
        let ids = processor["special_tokens"]?[name]?["ids"]?.elements?.map(\.id),
        !ids.contains(nil)
      else {
        throw file.error(
          .missingToken, "post_processor.single names a special token that has no ids; add them")
      }
      if texts == 0 { opening += ids.compactMap(\.self) } else { closing += ids.compactMap(\.self) }
    }
    guard texts == 1, !opening.isEmpty, !closing.isEmpty else {
      throw file.error(
        .unsupported,
        "post_processor.single must be one text between special tokens, as [CLS] A [SEP]")
    }
  }
}
