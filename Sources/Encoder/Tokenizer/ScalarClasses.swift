/// What the pre-tokenizer and the added tokens must know of a Unicode scalar.
///
/// The classes are those of Hugging Face `tokenizers`, whose tables come from several Unicode
/// versions (see `UnicodeFacts`). They are frozen here, so that the ids of a text, and with them
/// an encoder's fingerprint, do not move with the Unicode version of the Swift runtime.
struct ScalarClasses: Sendable {
  /// Rust's `char::is_whitespace`, also `\s` of the `regex` crate.
  static let whitespace: UInt8 = 1
  /// ASCII punctuation and the P categories: words of their own.
  static let punctuation: UInt8 = 2

  private var classes = ScalarTable<UInt8>(repeating: 0)
  private let wordRanges: [ClosedRange<UInt32>]
  private let numericRanges: [ClosedRange<UInt32>]

  static let shared = ScalarClasses()

  private init() {
    wordRanges = UnicodeFacts.ranges(UnicodeFacts.word)
    numericRanges = UnicodeFacts.ranges(UnicodeFacts.numerics)
    for range in UnicodeFacts.ranges(UnicodeFacts.whitespace) {
      classes.set(range, to: Self.whitespace)
    }
    for range in UnicodeFacts.ranges(UnicodeFacts.punctuation) {
      classes.set(range, to: Self.punctuation)
    }
  }

  /// `whitespace`, `punctuation` or 0.
  @inline(__always)
  func pretokenizerClass(of scalar: UInt32) -> UInt8 { classes[scalar] }

  /// Whether the scalar is white space in the sense of Rust's `char::is_whitespace`.
  func isWhitespace(_ scalar: UInt32) -> Bool { pretokenizerClass(of: scalar) == Self.whitespace }

  /// Whether the scalar is punctuation to the pre-tokenizers `BertPreTokenizer`, `Punctuation`.
  func isPunctuation(_ scalar: UInt32) -> Bool { pretokenizerClass(of: scalar) == Self.punctuation }

  /// Whether the scalar matches `\w` of the `regex` crate.
  func isWord(_ scalar: UInt32) -> Bool { Self.contains(wordRanges, scalar) }

  /// Whether the scalar is one of Rust's `char::is_numeric`.
  func isNumeric(_ scalar: UInt32) -> Bool { Self.contains(numericRanges, scalar) }

  private static func contains(_ ranges: [ClosedRange<UInt32>], _ scalar: UInt32) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(scalar)
  }
}
