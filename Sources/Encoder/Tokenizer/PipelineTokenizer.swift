/// A tokenizer as `tokenizer.json` describes it: steps that normalise text, steps that cut it into
/// pieces, a model that spells the pieces. The same ids as Hugging Face `tokenizers` 0.23.3 gives.
///
/// BERT's own pipeline has a faster way: `WordPieceTokenizer`.
struct PipelineTokenizer: Tokenizer {
  let vocabularySize: Int
  let paddingID: Int32
  let identity: [UInt8]

  private let normalizer: [NormalizerStep]
  private let preTokenizer: [PreTokenizerStep]
  private let model: TokenModel
  private let specialTokens: SpecialTokens
  private let truncationSide: TruncationSide
  /// Added tokens found in the text as given, and in normalised text.
  private var rawTokens = AddedTokenMatcher()
  private var normalizedTokens = AddedTokenMatcher()

  init(_ definition: PipelineDefinition) throws {
    normalizer = definition.normalizer
    preTokenizer = definition.preTokenizer
    model = definition.model.model
    specialTokens = definition.specialTokens
    truncationSide = definition.truncationSide
    paddingID = definition.paddingID
    var found: [(token: AddedToken, id: Int32)] = []
    for (token, id) in definition.addedTokens {
      var pattern = Array(token.content.utf8)
      if token.isNormalized { pattern = normalizer.reduce(pattern) { $1.apply($0) } }
      guard !pattern.isEmpty else { throw TokenizerError.emptyPattern(token) }
      let isNew =
        token.isNormalized
        ? normalizedTokens.add(pattern, token, id: id) : rawTokens.add(pattern, token, id: id)
      if isNew { found.append((token, id)) }
    }
    vocabularySize = definition.vocabularySize
    identity = definition.identity(addedTokens: found)
  }

  func tokenize(_ text: String, maximumLength: Int?) -> TokenizedText {
    let bytes = Array(text.utf8)
    var ids = specialTokens.opening
    ids.reserveCapacity(bytes.count / 3 + specialTokens.count)
    var room = TokenModel.Workspace()
    for piece in rawTokens.split(bytes, 0..<bytes.count) {
      if let id = piece.id {
        ids.append(id)
      } else {
        appendIDs(of: bytes, piece.range, to: &ids, &room)
      }
    }
    return specialTokens.close(&ids, maximumLength: maximumLength, cuttingOn: truncationSide)
  }

  private func appendIDs(
    of bytes: [UInt8], _ range: Range<Int>, to ids: inout [Int32],
    _ room: inout TokenModel.Workspace
  ) {
    let whole = range.count == bytes.count ? bytes : Array(bytes[range])
    let text = normalizer.reduce(whole) { $1.apply($0) }
    for piece in normalizedTokens.split(text, 0..<text.count) {
      if let id = piece.id {
        ids.append(id)
        continue
      }
      let isWhole = piece.range.count == text.count
      var pieces = TextPieces(
        isWhole ? text : Array(text[piece.range]),
        startsText: range.lowerBound == 0 && piece.range.lowerBound == 0)
      for step in preTokenizer { step.apply(to: &pieces) }
      for range in pieces.ranges {
        model.appendIDs(of: pieces.text, range, to: &ids, using: &room)
      }
    }
  }
}

extension TokenizerError {
  static func emptyPattern(_ token: AddedToken) -> TokenizerError {
    TokenizerError(
      .unsupported,
      "the added token \"\(token.content)\" is empty once normalised; set normalized to false")
  }
}
