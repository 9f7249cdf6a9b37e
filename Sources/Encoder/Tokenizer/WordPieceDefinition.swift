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
  /// Sets the added tokens, with the ids of the vocabulary, or new ones from `size` on.
  ///
  /// The ids that files give are not used, as Hugging Face does not use them either. Of two tokens
  /// that are equal once normalised it finds one by chance; here the lower id is found.
  mutating func add(
    _ tokens: [AddedToken], idOf: [[UInt8]: Int32], size: Int, source: String
  ) throws {
    var next = Int32(size)
    var seen: [[UInt8]: AddedToken] = [:]
    for token in tokens where !token.content.isEmpty {
      let bytes = Array(token.content.utf8)
      if let former = seen.updateValue(token, forKey: bytes) {
        if former == token { continue }
        throw TokenizerError(
          .duplicateEntry,
          "\(source): the added token \"\(token.content)\" stands twice with different rules;"
            + " keep one")
      }
      addedTokens.append((token, idOf[bytes] ?? next))
      if idOf[bytes] == nil { next += 1 }
    }
    addedTokens.sort { $0.id < $1.id }
  }

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
    bytes.append(vocabulary.count)
    for (token, id) in vocabulary.sorted(by: { ($0.id, $0.token) < ($1.id, $1.token) }) {
      bytes.append(Int(id))
      bytes.append(token)
    }
    append(addedTokens: &bytes)
    return bytes.bytes
  }

  private func append(addedTokens bytes: inout CanonicalBytes) {
    bytes.append(addedTokens.count)
    for (token, id) in addedTokens {
      bytes.append(Int(id))
      bytes.append(text: token.content)
      bytes.append(token.isSingleWord)
      bytes.append(token.stripsLeft)
      bytes.append(token.stripsRight)
      bytes.append(token.isNormalized)
    }
  }
}

/// Compares tuples of an id and bytes, for the one canonical order of a vocabulary.
private func < (left: (Int32, [UInt8]), right: (Int32, [UInt8])) -> Bool {
  left.0 != right.0 ? left.0 < right.0 : left.1.lexicographicallyPrecedes(right.1)
}

/// Bytes in which no two different lists of fields are equal: each field has a fixed length or
/// carries its own.
private struct CanonicalBytes {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: Bool) { bytes.append(value ? 1 : 0) }

  mutating func append(_ value: Int) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func append(_ field: [UInt8]) {
    append(field.count)
    bytes.append(contentsOf: field)
  }

  mutating func append(_ ids: [Int32]) {
    append(ids.count)
    for id in ids { append(Int(id)) }
  }

  mutating func append(text: String) { append(Array(text.utf8)) }
}
