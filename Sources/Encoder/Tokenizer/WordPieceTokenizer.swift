public import Foundation

/// BERT's tokenizer: the same ids as Hugging Face `tokenizers` gives, for any text.
///
/// Text is cleaned, split at white space and punctuation, and each word is spelled from left to
/// right with the longest pieces of the vocabulary (Devlin et al. 2018, section 3; the reference
/// is `tokenizers` 0.23.3, odd cases included).
public struct WordPieceTokenizer: Tokenizer {
  public let vocabularySize: Int
  public let paddingID: Int32
  public let identity: [UInt8]

  private let specialTokens: SpecialTokens
  private let truncationSide: TruncationSide
  private let normalizer: TextNormalizer
  private let model: WordPieceModel
  /// Added tokens found in the text as given, and in normalised text.
  private var rawTokens = AddedTokenMatcher()
  private var normalizedTokens = AddedTokenMatcher()

  /// Reads `tokenizer.json`, or without one `vocab.txt` and `tokenizer_config.json`.
  ///
  /// Blocks `truncation` and `padding` of `tokenizer.json` are not used: lengths are the caller's.
  /// - Throws: `TokenizerError` when no such file is there, when one is damaged, when it describes
  ///   another kind of tokenizer, and when tokens are missing or stand twice.
  public init(folder: URL) throws {
    try self.init(WordPieceDefinition(folder: folder))
  }

  /// Makes a tokenizer of a vocabulary whose tokens are numbered from 0 in the given order.
  ///
  /// - Throws: `TokenizerError` when a token stands twice, or one of the unknown, class and
  ///   separator tokens of the options is missing. An empty string keeps its number unused.
  public init(vocabulary: [String], options: WordPieceOptions = .init()) throws {
    let tokens = vocabulary.map { Array($0.utf8) }
    try self.init(WordPieceDefinition(tokens: tokens, options: options, source: "vocabulary"))
  }

  init(_ definition: WordPieceDefinition) throws {
    normalizer = TextNormalizer(definition.options)
    model = WordPieceModel(
      vocabulary: definition.vocabulary, unknownID: definition.unknownID,
      continuationPrefix: Array(definition.options.continuationPrefix.utf8),
      maximumWordLength: definition.options.maximumWordLength)
    specialTokens = SpecialTokens(opening: definition.opening, closing: definition.closing)
    truncationSide = definition.options.truncationSide
    paddingID = definition.paddingID
    let ids =
      definition.vocabulary.map(\.id) + definition.addedTokens.map(\.id) + definition.opening
      + definition.closing
    vocabularySize = ids.reduce(0) { max($0, Int($1) + 1) }
    var effective = definition
    effective.addedTokens = []
    for (token, id) in definition.addedTokens {
      let pattern = try Self.pattern(of: token, normalizer)
      let isNew =
        token.isNormalized
        ? normalizedTokens.add(pattern, token, id: id) : rawTokens.add(pattern, token, id: id)
      if isNew { effective.addedTokens.append((token, id)) }
    }
    identity = effective.identity()
  }

  /// The bytes an added token is found by.
  private static func pattern(
    of token: AddedToken, _ normalizer: TextNormalizer
  ) throws -> [UInt8] {
    let content = Array(token.content.utf8)
    if !token.isNormalized { return content }
    var pattern: [UInt8] = []
    normalizer.normalize(content, 0..<content.count, into: &pattern)
    guard !pattern.isEmpty else { throw TokenizerError.emptyPattern(token) }
    return pattern
  }

  public func tokenize(_ text: String, maximumLength: Int?) -> TokenizedText {
    let bytes = Array(text.utf8)
    var ids = specialTokens.opening
    ids.reserveCapacity(bytes.count / 4 + specialTokens.count)
    for piece in rawTokens.split(bytes, 0..<bytes.count) {
      if let id = piece.id { ids.append(id) } else { appendIDs(of: bytes, piece.range, to: &ids) }
    }
    return specialTokens.close(&ids, maximumLength: maximumLength, cuttingOn: truncationSide)
  }

  private func appendIDs(of bytes: [UInt8], _ range: Range<Int>, to ids: inout [Int32]) {
    var text: [UInt8] = []
    normalizer.normalize(bytes, range, into: &text)
    for piece in normalizedTokens.split(text, 0..<text.count) {
      if let id = piece.id {
        ids.append(id)
      } else {
        model.appendIDs(of: text, piece.range, to: &ids)
      }
    }
  }
}
