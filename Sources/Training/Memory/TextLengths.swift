public import Encoder
import Foundation
import Tensors

/// How many tokens the texts of a run have, special ones included.
public struct TextLengths: Sendable, Equatable {
  /// The lengths of one kind of text.
  public struct Distribution: Sendable, Equatable {
    /// Mean and standard deviation, in tokens.
    public let mean: Double, deviation: Double
    /// The most tokens a text may have.
    public let longest: Int
    /// Texts that were looked at; nil when all are taken to be as long as may be.
    public let sample: Int?

    private init(mean: Double, deviation: Double, longest: Int, sample: Int?) {
      (self.mean, self.deviation, self.longest, self.sample) = (mean, deviation, longest, sample)
    }

    /// Every text as long as may be.
    public init(longest: Int) {
      self.init(mean: Double(longest), deviation: 0, longest: longest, sample: nil)
    }

    /// What some texts were found to have; as `init(longest:)` when there are none.
    public init(of lengths: [Int], longest: Int) {
      guard !lengths.isEmpty else {
        self.init(longest: longest)
        return
      }
      let count = Double(lengths.count)
      let mean = lengths.reduce(0.0) { $0 + Double($1) } / count
      let squares = lengths.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
      self.init(
        mean: mean, deviation: (squares / count).squareRoot(), longest: longest,
        sample: lengths.count)
    }
  }

  public let query: Distribution, passage: Distribution

  public init(query: Distribution, passage: Distribution) {
    self.query = query
    self.passage = passage
  }

  /// All texts as long as the configuration and the encoder let them be.
  ///
  /// - Parameter limits: the encoder's own, in tokens.
  public init(
    longestOf configuration: TrainingConfiguration, limits: (query: Int, passage: Int)
  ) {
    self.init(
      query: Distribution(longest: min(configuration.maximumQueryLength, limits.query)),
      passage: Distribution(longest: min(configuration.maximumPassageLength, limits.passage)))
  }

  /// The lengths of some pairs of the data, evenly spread over it.
  ///
  /// - Parameter sample: pairs to look at; their given negatives count as passages.
  /// - Throws: what the sources of pairs and passages throw.
  public init(
    of pairs: any PairSource, _ passages: any PassageSource, encoder: TextEncoder,
    _ configuration: TrainingConfiguration, sample: Int = 2000
  ) throws {
    let count = min(sample, pairs.count)
    let chosen = try (0..<count).map { try pairs.pair(at: $0 * pairs.count / count) }
    let negatives = configuration.negativesPerQuery
    let texts = try chosen.flatMap { pair in
      try ([pair.positiveID] + pair.negativeIDs.prefix(negatives)).map {
        try passages.text(ofPassage: $0)
      }
    }
    func lengths(_ texts: [String], _ role: TextRole, _ limit: Int) -> Distribution {
      let found = texts.concurrentMap {
        encoder.tokenize($0, as: role, maximumLength: limit).ids.count
      }
      return Distribution(
        of: found, longest: min(limit, encoder.folder(for: role).maximumLength))
    }
    self.init(
      query: lengths(chosen.map(\.query), .query, configuration.maximumQueryLength),
      passage: lengths(texts, .passage, configuration.maximumPassageLength))
  }

  /// Tokens that so many texts, drawn at random, hardly ever exceed together.
  ///
  /// Four standard deviations above the mean, of the sum and of the sample's own error; never more
  /// than if each were the longest.
  func tokens(queries: Int, passages: Int) -> Int {
    let parts = [(query, Double(queries)), (passage, Double(passages))]
    let mean = parts.reduce(0.0) { $0 + $1.1 * $1.0.mean }
    let variance = parts.reduce(0.0) { sum, part in
      let (lengths, count) = part
      let ofMean = lengths.sample.map { count * count / Double($0) } ?? 0
      return sum + lengths.deviation * lengths.deviation * (count + ofMean)
    }
    let most = queries * query.longest + passages * passage.longest
    return min(most, Int((mean + 4 * variance.squareRoot()).rounded(.up)))
  }

  /// The most tokens that one text may have.
  var longest: Int { max(query.longest, passage.longest) }
}
