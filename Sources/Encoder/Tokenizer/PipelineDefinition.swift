/// Everything that makes a pipeline tokenizer, in the form all kinds of files are read into.
struct PipelineDefinition {
  var normalizer: [NormalizerStep] = []
  var preTokenizer: [PreTokenizerStep] = []
  var model: ModelDefinition
  var specialTokens = SpecialTokens()
  var truncationSide = TruncationSide.right
  /// Added tokens with their ids, ascending.
  var addedTokens: [(token: AddedToken, id: Int32)] = []
  var paddingID: Int32 = 0

  /// One more than the largest id.
  var vocabularySize: Int {
    let added = addedTokens.map(\.id) + specialTokens.opening + specialTokens.closing
    return added.reduce(model.idOf.values.reduce(model.count) { max($0, Int($1) + 1) }) {
      max($0, Int($1) + 1)
    }
  }

  /// Canonical bytes of everything that changes ids, for `Tokenizer.identity`.
  func identity(addedTokens: [(token: AddedToken, id: Int32)]) -> [UInt8] {
    var bytes = CanonicalBytes()
    bytes.append(text: "freshet pipeline 1")
    bytes.append(normalizer.count)
    for step in normalizer { step.append(to: &bytes) }
    bytes.append(preTokenizer.count)
    for step in preTokenizer { step.append(to: &bytes) }
    bytes.append(model.identity.bytes)
    bytes.append(specialTokens.opening)
    bytes.append(specialTokens.closing)
    bytes.append(text: truncationSide.rawValue)
    bytes.append(addedTokens: addedTokens)
    return bytes.bytes
  }

  /// The id of a token, of the vocabulary or added.
  func id(of token: String) -> Int32? {
    let bytes = Array(token.utf8)
    return model.idOf[bytes]
      ?? addedTokens.first { $0.token.content.utf8.elementsEqual(bytes) }?.id
  }
}

extension PipelineDefinition {
  /// Reads `tokenizer.json`, whose content is `json`. Of `tokenizer_config.json` the name of the
  /// padding token and the side of truncation are used.
  ///
  /// - Throws: `TokenizerError` naming the part that is not known, missing or damaged.
  init(tokenizerJSON file: TokenizerFile, _ json: ExactJSON, configuration: TokenizerFile?) throws {
    model = try ModelDefinition(try file.member(json, "model"), file)
    normalizer = try NormalizerStep.steps(json["normalizer"] ?? .null, file)
    preTokenizer = try PreTokenizerStep.steps(json["pre_tokenizer"] ?? .null, file)
    try refuseUncertainPrefix(file)
    specialTokens = try SpecialTokens(postProcessor: json["post_processor"] ?? .null, file)
    truncationSide = try TruncationSide(json: json, file, configuration)
    addedTokens = try file.addedTokens(json, idOf: model.idOf, size: model.count)
    let name = try PaddingToken.name(in: configuration)
    let known = [name, json["padding"]?["pad_token"]?.text, "<pad>", "[PAD]"]
    for name in known.reversed() {
      if let id = name.flatMap(id(of:)) { paddingID = id }
    }
  }

  /// `prepend_scheme` "first" asks where in the text as given a piece starts. That is known when
  /// nothing before it drops text.
  private func refuseUncertainPrefix(_ file: TokenizerFile) throws {
    let places = preTokenizer.indices.filter {
      guard case .metaspace(let metaspace) = preTokenizer[$0] else { return false }
      return metaspace.prefix == .first
    }
    let keepsStart = normalizer.allSatisfy { step in
      switch step {
      case .lowercase, .form, .prepend, .precompiled: true
      case .replace(_, let content): !content.isEmpty
      default: false
      }
    }
    if places.isEmpty || places == [0] && keepsStart { return }
    throw file.error(
      .unsupported,
      "the pre_tokenizer Metaspace has the prepend_scheme first behind parts that may drop the"
        + " start of a text, which is not read here; choose an encoder with another tokenizer")
  }
}

/// Which token pads, by `tokenizer_config.json`.
enum PaddingToken {
  static func name(in configuration: TokenizerFile?) throws -> String? {
    guard let configuration else { return nil }
    let value = try configuration.json()["pad_token"]
    return value?.text ?? value?["content"]?.text
  }
}
