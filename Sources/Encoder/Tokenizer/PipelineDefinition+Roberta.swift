extension PipelineDefinition {
  /// Reads `vocab.json` and `merges.txt` as `RobertaTokenizer` of `transformers` does.
  ///
  /// - Throws: `TokenizerError`, `.unsupported` also when `tokenizer_config.json` names another
  ///   tokenizer class.
  init(
    roberta vocabulary: TokenizerFile, merges: TokenizerFile, _ configuration: TokenizerFile?
  ) throws {
    let settings = try configuration?.json() ?? .object([])
    if let name = settings["tokenizer_class"]?.text, let configuration,
      !["RobertaTokenizer", "RobertaTokenizerFast"].contains(name)
    {
      throw configuration.error(
        .unsupported,
        "tokenizer_class is \(name); without tokenizer.json only BertTokenizer, MPNetTokenizer"
          + " and RobertaTokenizer are read; save the tokenizer with a tokenizer.json")
    }
    guard case .object(let members) = try vocabulary.json() else {
      throw vocabulary.error(.damagedFile, "not a JSON object; fetch the file again")
    }
    let words = try vocabulary.numbered(members)
    model = try ModelDefinition(
      bytePair: words.tokens, words.idOf, Self.pairs(merges), BytePairModel.Options(), merges)
    let source = configuration ?? vocabulary
    let addsSpace = try source.flag(settings, "add_prefix_space") ?? false
    preTokenizer = [.byteLevel(ByteLevel(addsSpace: addsSpace, splitsWords: true))]
    truncationSide = try TruncationSide(configuration: settings, source) ?? .right
    try readSpecialTokens(settings, source)
  }

  /// The lines of `merges.txt`; the first may tell a version.
  private static func pairs(
    _ file: TokenizerFile
  ) throws -> [(left: [UInt8], right: [UInt8])] {
    var pairs: [(left: [UInt8], right: [UInt8])] = []
    for (index, line) in file.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      .enumerated()
    {
      let text = line.last == 0x0D ? line.dropLast() : line
      if text.isEmpty || text.starts(with: "#version".utf8) { continue }
      pairs.append(try file.merge(Array(text), "line \(index + 1)"))
    }
    return pairs
  }

  private mutating func readSpecialTokens(_ settings: ExactJSON, _ file: TokenizerFile) throws {
    func token(_ key: String, _ standard: String) throws -> AddedToken {
      guard let value = settings[key], !value.isNull else { return AddedToken(standard) }
      return try file.addedToken(value, key)
    }
    let opening = try token("cls_token", "<s>")
    let closing = try token("sep_token", "</s>")
    let padding = try token("pad_token", "<pad>")
    var tokens = try [
      token("bos_token", "<s>"), token("eos_token", "</s>"), token("unk_token", "<unk>"),
      closing, padding, opening, token("mask_token", "<mask>"),
    ]
    if case .object(let members)? = settings["added_tokens_decoder"] {
      let listed = try members.map {
        (
          Int(String(decoding: $0.key, as: UTF8.self)) ?? 0,
          try file.addedToken($0.value, "added_tokens_decoder")
        )
      }.sorted { $0.0 < $1.0 }.map(\.1)
      let names = Set(listed.map { Array($0.content.utf8) })
      tokens = listed + tokens.filter { !names.contains(Array($0.content.utf8)) }
    }
    var seen: Set<[UInt8]> = []
    let once = tokens.filter { seen.insert(Array($0.content.utf8)).inserted }
    addedTokens = try AddedToken.numbered(
      once, idOf: model.idOf, size: model.count, source: file.path)
    specialTokens.opening = [id(of: opening.content)].compactMap(\.self)
    specialTokens.closing = [id(of: closing.content)].compactMap(\.self)
    paddingID = id(of: padding.content) ?? 0
  }
}
