/// Everything that makes a WordPiece tokenizer, in the form both kinds of files are read into.
struct WordPieceDefinition: Sendable {
  /// Tokens as UTF-8 bytes, each once. Bytes, because Swift strings that are canonically equivalent
  /// are equal, and vocabularies hold such pairs.
  var vocabulary: [(token: [UInt8], id: Int32)] = []
  var options = WordPieceOptions()
  /// Added tokens with their ids, ascending.
  var addedTokens: [(token: AddedToken, id: Int32)] = []
  var unknownID: Int32 = 0
  var paddingID: Int32 = 0
  /// Ids put before and after every text.
  var opening: [Int32] = []
  var closing: [Int32] = []

  /// Whether accents go; `nil` in the options follows lower-casing.
  var stripsAccents: Bool { options.stripsAccents ?? options.lowercases }
}

extension WordPieceDefinition {
  /// Canonical bytes of everything that changes ids, for `Tokenizer.identity`.
  ///
  /// The padding id is not among them. Names of special tokens enter through the vocabulary.
  func identity() -> [UInt8] {
    var bytes = CanonicalBytes()
    bytes.append(text: "freshet wordpiece 1")
    bytes.append(options.cleansText)
    bytes.append(options.separatesIdeographs)
    bytes.append(stripsAccents)
    bytes.append(options.lowercases)
    bytes.append(text: options.continuationPrefix)
    bytes.append(options.maximumWordLength)
    bytes.append(Int(unknownID))
    bytes.append(opening)
    bytes.append(closing)
    bytes.append(vocabulary: vocabulary)
    bytes.append(addedTokens: addedTokens)
    // Only a cut on the left is told, so that what was written before sides were read stays valid.
    if options.truncationSide == .left { bytes.append(text: "cut on the left") }
    return bytes.bytes
  }
}
