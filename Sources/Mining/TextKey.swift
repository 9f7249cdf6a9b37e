/// What stands for a text: 16 bytes of a hash, the same for equal texts and, as far as chance
/// allows, for no others.
///
/// Mining compares keys and never makes them: the caller chooses the hash (half of a SHA-256 is
/// plenty) and uses one for queries and passages alike.
public struct TextKey: Hashable, Sendable {
  /// The halves of the hash.
  public let high, low: UInt64

  /// A key of those halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// What tells one passage's text from another's.
public struct PassageIdentity: Sendable, Equatable {
  /// Of all that the encoder is given, title and text.
  public var whole: TextKey
  /// Of the text without its title: a query is compared with both.
  public var text: TextKey

  /// The identity of a passage whose title is not empty.
  public init(whole: TextKey, text: TextKey) {
    self.whole = whole
    self.text = text
  }

  /// The identity of a passage without a title.
  public init(_ text: TextKey) {
    self.init(whole: text, text: text)
  }
}
