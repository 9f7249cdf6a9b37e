/// Several token sequences laid end to end: no padding, so no work on padding.
public struct PackedTokens: Sendable {
  /// Token ids of all sequences.
  public private(set) var ids: [Int32] = []
  /// Position of each token in its sequence.
  public private(set) var places: [Int32] = []
  /// The tokens of each sequence.
  public private(set) var sequences: [Range<Int>] = []
  /// How many tokens at the front of each sequence are a prompt; see ``Pooling/includesPrompt``.
  public let promptLengths: [Int]

  /// Packs the sequences in order.
  ///
  /// - Parameter promptLengths: one per sequence, or nil when none has a prompt that matters.
  public init(_ sequences: some Sequence<[Int32]>, promptLengths: [Int]? = nil) {
    for sequence in sequences {
      self.sequences.append(ids.count..<ids.count + sequence.count)
      ids += sequence
      places += (0..<sequence.count).map(Int32.init)
    }
    self.promptLengths = promptLengths ?? [Int](repeating: 0, count: self.sequences.count)
    precondition(
      self.promptLengths.count == self.sequences.count,
      "\(self.promptLengths.count) prompt lengths for \(self.sequences.count) sequences")
  }

  /// Number of tokens.
  public var count: Int { ids.count }

  /// The row of the position table each token takes.
  ///
  /// With `first` above 0, RoBERTa's rule: tokens other than padding count from `first` on, padding
  /// tokens (which a text may name) take the row before it, their own id, and are not counted.
  func positions(from first: Int) -> [Int32] {
    guard first > 0 else { return places }
    let padding = Int32(first) - 1  // id and row are one number
    var result = [Int32](repeating: padding, count: count)
    for rows in sequences {
      var next = Int32(first)
      for row in rows where ids[row] != padding {
        result[row] = next
        next += 1
      }
    }
    return result
  }
}
