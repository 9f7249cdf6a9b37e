extension WordPieceDefinition {
  /// Reads `tokenizer.json`. Of `tokenizer_config.json` only the name of the padding token is
  /// used: the settings that `tokenizer.json` repeats are its own.
  init(tokenizerJSON file: TokenizerFile, configuration: TokenizerFile?) throws {
    try self.init(tokenizerJSON: file, file.json(), configuration: configuration)
  }

  /// - Parameter json: what the file holds.
  init(tokenizerJSON file: TokenizerFile, _ json: ExactJSON, configuration: TokenizerFile?) throws {
    guard case .object = json else {
      throw file.error(.damagedFile, "not a JSON object; fetch the file again")
    }
    let model = try file.member(json, "model")
    try readModel(model, file)
    try readNormalizer(try file.member(json, "normalizer"), file)
    let preTokenizer = try file.member(json, "pre_tokenizer")
    try file.require(preTokenizer, "pre_tokenizer", is: "BertPreTokenizer")
    let words = try file.vocabulary(model)
    let idOf = words.idOf
    vocabulary = words.tokens
    addedTokens = try file.addedTokens(json, idOf: idOf, size: vocabulary.count)
    guard let unknown = idOf[Array(options.unknownToken.utf8)] else {
      throw file.error(
        .missingToken, "the vocabulary has no \(options.unknownToken); add it to model.vocab")
    }
    unknownID = unknown
    try readPostProcessor(try file.member(json, "post_processor"), file)
    options.truncationSide = try TruncationSide(json: json, file, configuration)
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
    let read = try WordPieceOptions(normalizer: normalizer, file)
    (options.cleansText, options.lowercases) = (read.cleansText, read.lowercases)
    options.separatesIdeographs = read.separatesIdeographs
    options.stripsAccents = read.stripsAccents
  }

  private mutating func readPostProcessor(_ processor: ExactJSON, _ file: TokenizerFile) throws {
    let type = processor["type"]?.text
    if type != "BertProcessing", type != "RobertaProcessing" {
      try file.require(processor, "post_processor", is: "TemplateProcessing")
    }
    let tokens = try SpecialTokens(postProcessor: processor, file)
    guard !tokens.opening.isEmpty, !tokens.closing.isEmpty else {
      throw file.error(
        .unsupported,
        "post_processor.single must be one text between special tokens, as [CLS] A [SEP]")
    }
    (opening, closing) = (tokens.opening, tokens.closing)
  }
}
