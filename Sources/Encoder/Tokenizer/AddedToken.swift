/// A token that is looked for in the text itself, as `tokenizers.AddedToken` describes it.
public struct AddedToken: Sendable, Equatable {
  /// The text that is looked for.
  public var content: String
  /// Found only where no word character (`\w`) stands right before or after.
  public var isSingleWord: Bool
  /// Takes the white space on its left with it.
  public var stripsLeft: Bool
  /// Takes the white space on its right with it.
  public var stripsRight: Bool
  /// Looked for in the normalised text, after normalising `content` too; otherwise in the text
  /// as given, before all that are.
  public var isNormalized: Bool
  /// One of the model's own markers; changes no id.
  public var isSpecial: Bool

  public init(
    _ content: String, isSingleWord: Bool = false, stripsLeft: Bool = false,
    stripsRight: Bool = false, isNormalized: Bool = false, isSpecial: Bool = true
  ) {
    self.content = content
    self.isSingleWord = isSingleWord
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
    self.isNormalized = isNormalized
    self.isSpecial = isSpecial
  }
}

extension AddedToken {
  /// Gives tokens the ids of the vocabulary, or new ones from `size` on; ascending by id.
  ///
  /// The ids that files give are not used, as Hugging Face does not use them either. Of two tokens
  /// that are equal once normalised it finds one by chance; here the lower id is found.
  /// - Throws: `TokenizerError` `.duplicateEntry` when a token stands twice with different rules.
  static func numbered(
    _ tokens: [AddedToken], idOf: [[UInt8]: Int32], size: Int, source: String
  ) throws -> [(token: AddedToken, id: Int32)] {
    var numbered: [(token: AddedToken, id: Int32)] = []
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
      numbered.append((token, idOf[bytes] ?? next))
      if idOf[bytes] == nil { next += 1 }
    }
    return numbered.sorted { $0.id < $1.id }
  }
}
