/// How a WordPiece tokenizer treats text; the names in brackets are those of `tokenizer.json`.
public struct WordPieceOptions: Sendable, Equatable {
  /// Drop control characters, turn white space into spaces (`clean_text`).
  public var cleansText = true
  /// Make a word of each CJK ideograph (`handle_chinese_chars`, `tokenize_chinese_chars`).
  public var separatesIdeographs = true
  /// Decompose and drop nonspacing marks; `nil` follows `lowercases` (`strip_accents`).
  public var stripsAccents: Bool?
  /// Lower-case scalar by scalar, without context (`lowercase`, `do_lower_case`).
  public var lowercases = true

  /// Stands for a word the vocabulary cannot spell (`unk_token`).
  public var unknownToken = "[UNK]"
  /// Opens every text (`cls_token`).
  public var classToken = "[CLS]"
  /// Closes every text (`sep_token`).
  public var separatorToken = "[SEP]"
  /// Fills short rows (`pad_token`); may be missing from the vocabulary, which makes it id 0.
  public var paddingToken = "[PAD]"
  /// Hides a word in training (`mask_token`); may be missing from the vocabulary.
  public var maskToken = "[MASK]"
  /// Opens every vocabulary entry that continues a word (`continuing_subword_prefix`).
  public var continuationPrefix = "##"
  /// A word of more Unicode scalars is unknown as a whole (`max_input_chars_per_word`).
  public var maximumWordLength = 100

  /// Where texts that are too long are cut (`truncation_side`).
  public var truncationSide = TruncationSide.right

  /// Tokens found in text before it is split into words. `nil` stands for BERT's five
  /// special tokens as far as the vocabulary has them.
  public var addedTokens: [AddedToken]?

  public init() {}
}
