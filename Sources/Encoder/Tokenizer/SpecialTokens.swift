/// Ids that a post-processor puts before and after every text.
struct SpecialTokens: Sendable, Equatable {
  var opening: [Int32] = []
  var closing: [Int32] = []

  var count: Int { opening.count + closing.count }

  /// Makes a tokenized text of `ids`, which are `opening` and the text: cuts what does not fit
  /// with the closing tokens, on the given side of the text.
  func close(
    _ ids: inout [Int32], maximumLength: Int?, cuttingOn side: TruncationSide
  ) -> TokenizedText {
    var excess = 0
    if let maximumLength {
      precondition(
        maximumLength >= count,
        "tokenize: a maximum length of \(maximumLength) has no room for \(count) special tokens")
      excess = max(0, ids.count + closing.count - maximumLength)
      switch side {
      case .right: ids.removeLast(excess)
      case .left: ids.removeSubrange(opening.count..<opening.count + excess)
      }
    }
    ids.append(contentsOf: closing)
    return TokenizedText(ids: ids, truncatedTokens: excess)
  }
}

extension SpecialTokens {
  /// Reads the post-processor of a `tokenizer.json` as far as it concerns one text; `null` adds
  /// nothing.
  ///
  /// - Throws: `TokenizerError` `.unsupported` naming a type that is not known or a template that
  ///   is not one text between special tokens, or that has segments other than 0; `.missingToken`.
  init(postProcessor processor: ExactJSON, _ file: TokenizerFile) throws {
    if processor.isNull { return }
    switch processor["type"]?.text {
    case "BertProcessing", "RobertaProcessing":
      opening = [try Self.id(processor, "cls", file)]
      closing = [try Self.id(processor, "sep", file)]
    case "TemplateProcessing": try readTemplate(processor, file)
    case "ByteLevel": break
    case "Sequence":
      for part in try file.member(processor, "processors").elements ?? [] {
        let outer = try SpecialTokens(postProcessor: part, file)
        (opening, closing) = (outer.opening + opening, closing + outer.closing)
      }
    case let type: throw file.unknown("post_processor", type)
    }
  }

  /// Whether a post-processor is one that `WordPieceDefinition` does not read itself.
  static func isSequence(_ processor: ExactJSON?) -> Bool {
    let type = processor?["type"]?.text
    return type != "BertProcessing" && type != "RobertaProcessing" && type != "TemplateProcessing"
  }

  /// The id of `["[CLS]", 101]`.
  private static func id(
    _ processor: ExactJSON, _ key: String, _ file: TokenizerFile
  ) throws -> Int32 {
    if let pair = processor[key]?.elements, pair.count == 2, let id = pair[1].id { return id }
    throw file.error(.missingToken, "post_processor.\(key) is not a token with its id; correct it")
  }

  /// Takes the special tokens before and after the text from the template for one text.
  private mutating func readTemplate(_ processor: ExactJSON, _ file: TokenizerFile) throws {
    var texts = 0
    for piece in try file.member(processor, "single").elements ?? [] {
      try Self.refuseSegments(piece, file)
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
    guard texts == 1 else {
      throw file.error(
        .unsupported,
        "post_processor.single must be one text between special tokens, as [CLS] A [SEP]")
    }
  }

  /// Encoders here see every token of a text in segment 0, as the models read here were trained.
  private static func refuseSegments(_ piece: ExactJSON, _ file: TokenizerFile) throws {
    let type = piece["Sequence"]?["type_id"] ?? piece["SpecialToken"]?["type_id"]
    guard let type, type.integer != 0 else { return }
    throw file.error(
      .unsupported,
      "post_processor.single puts a text in a segment other than 0; set its type_id to 0")
  }
}
