/// Several token sequences laid end to end: no padding, so no work on padding.
public struct PackedTokens: Sendable {
  /// Token ids of all sequences.
  public private(set) var ids: [Int32] = []
  /// Position of each token in its sequence.
  public private(set) var places: [Int32] = []
  /// The tokens of each sequence.
  public private(set) var sequences: [Range<Int>] = []

  /// Packs the sequences in order.
  public init(_ sequences: some Sequence<[Int32]>) {
    for sequence in sequences {
      self.sequences.append(ids.count..<ids.count + sequence.count)
      ids += sequence
      places += (0..<sequence.count).map(Int32.init)
    }
  }

  /// Number of tokens.
  public var count: Int { ids.count }
}
