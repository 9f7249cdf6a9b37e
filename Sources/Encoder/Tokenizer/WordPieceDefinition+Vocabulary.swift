import Foundation

extension WordPieceDefinition {
  /// Reads a tokenizer's folder: `tokenizer.json`, or `vocab.txt` with `tokenizer_config.json`.
  init(folder: URL) throws {
    let json = folder.appendingPathComponent("tokenizer.json")
    let configuration = try TokenizerFile(folder.appendingPathComponent("tokenizer_config.json"))
    if let file = try TokenizerFile(json) {
      try self.init(tokenizerJSON: file, configuration: configuration)
      return
    }
    guard let file = try TokenizerFile(folder.appendingPathComponent("vocab.txt")) else {
      throw TokenizerError(
        .missingFile,
        "\(folder.path): neither tokenizer.json nor vocab.txt is there; one of them is needed")
    }
    let options = try WordPieceOptions(configuration: configuration)
    try self.init(tokens: Self.lines(of: file), options: options, source: file.path)
  }

  /// Numbers `tokens` from 0; an empty one keeps its number unused.
  ///
  /// - Parameter source: what an error says before the line number, which counts from 1.
  init(tokens: [[UInt8]], options: WordPieceOptions, source: String) throws {
    self.options = options
    var idOf: [[UInt8]: Int32] = [:]
    idOf.reserveCapacity(tokens.count)
    for (index, token) in tokens.enumerated() where !token.isEmpty {
      let id = Int32(index)
      if let former = idOf.updateValue(id, forKey: token) {
        throw TokenizerError(
          .duplicateEntry,
          "\(source):\(index + 1): the token \"\(String(decoding: token, as: UTF8.self))\" is"
            + " already on line \(former + 1); remove one of them")
      }
      vocabulary.append((token, id))
    }
    func id(of token: String, _ name: String) throws -> Int32 {
      if let id = idOf[Array(token.utf8)] { return id }
      throw TokenizerError(
        .missingToken,
        "\(source): the vocabulary has no \(token); add it or name another \(name)")
    }
    unknownID = try id(of: options.unknownToken, "unk_token")
    opening = [try id(of: options.classToken, "cls_token")]
    closing = [try id(of: options.separatorToken, "sep_token")]
    paddingID = idOf[Array(options.paddingToken.utf8)] ?? 0
    let added = options.addedTokens ?? Self.specialTokens(options)
    let known = added.filter { $0.isSpecial == false || idOf[Array($0.content.utf8)] != nil }
    addedTokens = try AddedToken.numbered(known, idOf: idOf, size: tokens.count, source: source)
  }

  /// BERT's special tokens, which Hugging Face adds to every BERT tokenizer. Those the vocabulary
  /// lacks are left out by the caller: an encoder has no row for them.
  private static func specialTokens(_ options: WordPieceOptions) -> [AddedToken] {
    [
      options.paddingToken, options.unknownToken, options.classToken, options.separatorToken,
      options.maskToken,
    ].map { AddedToken($0) }
  }

  /// Lines of `vocab.txt` without their ends (LF or CRLF); empty lines at the end are not tokens.
  private static func lines(of file: TokenizerFile) -> [[UInt8]] {
    var lines = file.bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      Array(line.last == 0x0D ? line.dropLast() : line)
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}

extension WordPieceOptions {
  /// Reads `tokenizer_config.json` as `BertTokenizer` of `transformers` does; without the file,
  /// and for what it does not say, that class's defaults hold.
  init(configuration file: TokenizerFile?) throws {
    self.init()
    guard let file else { return }
    let json = try file.json()
    guard case .object = json else {
      throw file.error(.damagedFile, "not a JSON object; fetch the file again")
    }
    let isMPNet = json["tokenizer_class"]?.text?.hasPrefix("MPNetTokenizer") ?? false
    if isMPNet { setMPNet() }
    truncationSide = try TruncationSide(configuration: json, file) ?? .right
    lowercases = try file.flag(json, "do_lower_case") ?? true
    stripsAccents = try file.flag(json, "strip_accents")
    separatesIdeographs = try file.flag(json, "tokenize_chinese_chars") ?? true
    var rules: [AddedToken] = []
    func name(_ key: String, _ standard: String) throws -> String {
      guard let value = json[key], !value.isNull else { return standard }
      let token = try file.addedToken(value, key)
      rules.append(token)
      return token.content
    }
    unknownToken = try name("unk_token", unknownToken)
    classToken = try name("cls_token", classToken)
    separatorToken = try name("sep_token", separatorToken)
    paddingToken = try name("pad_token", paddingToken)
    maskToken = try name("mask_token", maskToken)
    // MPNet's mask takes the space before it along, unless an object says otherwise.
    if isMPNet, json["mask_token"]?["content"] == nil {
      rules.append(AddedToken(maskToken, stripsLeft: true))
    }
    addedTokens = try addedTokens(in: file, json, rules: rules)
  }

  /// The names `MPNetTokenizer` of `transformers` has where the file gives none.
  private mutating func setMPNet() {
    (classToken, separatorToken, paddingToken, maskToken) = ("<s>", "</s>", "<pad>", "<mask>")
  }

  /// Tokens of `added_tokens_decoder`, and the special tokens it does not hold.
  private func addedTokens(
    in file: TokenizerFile, _ json: ExactJSON, rules: [AddedToken]
  ) throws -> [AddedToken] {
    var tokens: [AddedToken] = []
    if case .object(let members)? = json["added_tokens_decoder"] {
      let numbered = members.map { (Int(String(decoding: $0.key, as: UTF8.self)) ?? 0, $0.value) }
      tokens = try numbered.sorted { $0.0 < $1.0 }.map {
        try file.addedToken($0.1, "added_tokens_decoder")
      }
    }
    for name in [paddingToken, unknownToken, classToken, separatorToken, maskToken]
    where !tokens.contains(where: { $0.content.utf8.elementsEqual(name.utf8) }) {
      tokens.append(rules.last { $0.content.utf8.elementsEqual(name.utf8) } ?? AddedToken(name))
    }
    return tokens
  }
}
