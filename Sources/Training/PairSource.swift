/// Where the pairs to train on come from: held in memory, or read from disk when asked for.
public protocol PairSource: Sendable {
  /// Number of pairs.
  var count: Int { get }

  /// For each pair a number that stands for its positive passage: equal for equal ids.
  ///
  /// What batches are composed by; the only thing that is held for all pairs.
  var positives: [Int32] { get }

  /// What identifies the data: a digest over ids, queries and negatives of all pairs, in order.
  var digest: String { get }

  /// A pair, by its place.
  ///
  /// - Throws: an error of the source's own that says what is wrong in which file and line.
  func pair(at index: Int) throws -> TrainingPair
}

/// Pairs that are held in memory.
public struct PairList: PairSource {
  private let pairs: [TrainingPair]
  public let positives: [Int32]
  public let digest: String

  /// - Throws: `TrainingError.invalidData` when a pair names no positive passage.
  public init(_ pairs: [TrainingPair]) throws(TrainingError) {
    var numbers: [String: Int32] = [:]
    var positives: [Int32] = []
    for (index, pair) in pairs.enumerated() {
      guard !pair.positiveID.isEmpty else {
        throw TrainingError(
          .invalidData, "pair \(index + 1) (query \"\(pair.queryID)\") names no positive passage")
      }
      let next = Int32(numbers.count)
      positives.append(numbers[pair.positiveID, default: next])
      numbers[pair.positiveID] = positives[index]
    }
    self.pairs = pairs
    self.positives = positives
    digest = Digest.of(pairs)
  }

  public var count: Int { pairs.count }

  public func pair(at index: Int) -> TrainingPair { pairs[index] }
}
