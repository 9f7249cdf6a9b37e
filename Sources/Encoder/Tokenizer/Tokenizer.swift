/// One text as token ids, special tokens included.
public struct TokenizedText: Sendable, Equatable {
  /// `[CLS] … [SEP]`; never shorter than the special tokens.
  public var ids: [Int32]
  /// How many tokens of the text were cut to keep to the maximum length; 0 when it fitted.
  public var truncatedTokens: Int

  public init(ids: [Int32], truncatedTokens: Int = 0) {
    (self.ids, self.truncatedTokens) = (ids, truncatedTokens)
  }
}

/// Turns text into the token ids an encoder was trained on.
///
/// Thread-safe: a value is read only after it was made.
public protocol Tokenizer: Sendable {
  /// Tokenizes one text.
  ///
  /// - Parameters:
  ///   - text: any text; the empty text gives the special tokens alone.
  ///   - maximumLength: the most ids to return, special tokens included; `nil` for no limit.
  ///     The cut is on the right of the text, or on the left where the tokenizer's files say so,
  ///     and the special tokens stay. Traps when it is less than `specialTokenCount`: no text
  ///     could be tokenized within it.
  /// - Complexity: O(length of the text), also when most of it is cut.
  func tokenize(_ text: String, maximumLength: Int?) -> TokenizedText

  /// One more than the largest id `tokenize` can return: the rows an embedding table must have.
  var vocabularySize: Int { get }

  /// The id that fills short rows of a padded batch.
  var paddingID: Int32 { get }

  /// Canonical bytes of everything that changes ids; part of the encoder's fingerprint.
  ///
  /// Two tokenizers that give the same ids for the same reasons have the same bytes, whichever
  /// file they were read from.
  var identity: [UInt8] { get }
}

extension Tokenizer {
  /// How many ids are special tokens put around every text: the least `maximumLength`.
  public var specialTokenCount: Int { tokenize("", maximumLength: nil).ids.count }
}
