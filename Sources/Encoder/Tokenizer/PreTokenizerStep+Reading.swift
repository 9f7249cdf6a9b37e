extension PreTokenizerStep {
  /// Reads the pre-tokenizer of a `tokenizer.json`; `null` is no step, sequences are laid flat.
  ///
  /// - Throws: `TokenizerError` `.unsupported` naming a step that is not known, `.damagedFile`.
  static func steps(_ json: ExactJSON, _ file: TokenizerFile) throws -> [PreTokenizerStep] {
    if json.isNull { return [] }
    guard json["type"]?.text == "Sequence" else { return [try step(json, file)] }
    return try (try file.member(json, "pretokenizers").elements ?? []).flatMap {
      try steps($0, file)
    }
  }

  private static func step(_ json: ExactJSON, _ file: TokenizerFile) throws -> PreTokenizerStep {
    switch json["type"]?.text {
    case "BertPreTokenizer": return .bert
    case "Whitespace": return .whitespace
    case "WhitespaceSplit": return .whitespaceSplit
    case "Punctuation":
      return .punctuation(try behavior(json, file, standard: .isolated))
    case "Digits": return .digits(individual: try file.flag(json, "individual_digits") ?? false)
    case "Metaspace": return .metaspace(try Metaspace(json, file))
    case "ByteLevel":
      return .byteLevel(
        ByteLevel(
          addsSpace: try file.flag(json, "add_prefix_space") ?? true,
          splitsWords: try file.flag(json, "use_regex") ?? true))
    case "Split":
      return .split(
        try TextPattern(json, "pre_tokenizer Split", file), try behavior(json, file, standard: nil),
        isInverted: try file.flag(json, "invert") ?? false)
    case let type: throw file.unknown("pre_tokenizer", type)
    }
  }

  private static func behavior(
    _ json: ExactJSON, _ file: TokenizerFile, standard: SplitBehavior?
  ) throws -> SplitBehavior {
    if json["behavior"] == nil, let standard { return standard }
    if let behavior = json["behavior"]?.text.flatMap(SplitBehavior.init(rawValue:)) {
      return behavior
    }
    throw file.error(
      .damagedFile, "the pre_tokenizer has a behavior that does not exist; fetch the file again")
  }

  /// Adds what changes ids to a tokenizer's identity.
  func append(to bytes: inout CanonicalBytes) {
    switch self {
    case .bert: bytes.append(text: "bert")
    case .whitespace: bytes.append(text: "whitespace")
    case .whitespaceSplit: bytes.append(text: "whitespace split")
    case .punctuation(let behavior):
      bytes.append(text: "punctuation")
      bytes.append(text: behavior.rawValue)
    case .digits(let individual):
      bytes.append(text: "digits")
      bytes.append(individual)
    case .metaspace(let metaspace):
      bytes.append(text: "metaspace")
      bytes.append(metaspace.sign)
      bytes.append(text: metaspace.prefix.rawValue)
      bytes.append(metaspace.splits)
    case .byteLevel(let byteLevel):
      bytes.append(text: "byte level")
      bytes.append(byteLevel.addsSpace)
      bytes.append(byteLevel.splitsWords)
    case .split(let pattern, let behavior, let isInverted):
      bytes.append(text: "split")
      pattern.append(to: &bytes)
      bytes.append(text: behavior.rawValue)
      bytes.append(isInverted)
    }
  }
}

extension Metaspace {
  /// Reads the members of a `Metaspace`; files before 2024 have `add_prefix_space` alone.
  init(_ json: ExactJSON, _ file: TokenizerFile) throws {
    let text = try file.text(json, "replacement", "pre_tokenizer Metaspace")
    guard text.unicodeScalars.count == 1, text != " " else {
      throw file.error(
        .unsupported,
        "the pre_tokenizer Metaspace has \"\(text)\" for a space; it must be one other character")
    }
    sign = Array(text.utf8)
    splits = try file.flag(json, "split") ?? true
    let scheme = json["prepend_scheme"]?.text
    guard let prefix = Prefix(rawValue: scheme ?? "always") else {
      throw file.error(
        .unsupported,
        "the pre_tokenizer Metaspace has the prepend_scheme \"\(scheme ?? "")\"; first, always"
          + " and never are read")
    }
    self.prefix = prefix
    guard try file.flag(json, "add_prefix_space") == false else { return }
    guard prefix == .never || scheme == nil else {
      throw file.error(
        .damagedFile,
        "the pre_tokenizer Metaspace has add_prefix_space false and another prepend_scheme than"
          + " never; correct one of them")
    }
    self.prefix = .never
  }
}
