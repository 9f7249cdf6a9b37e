/// Why a candidate did not become a negative; each counts for the first that applies, in this
/// order.
public enum RemovalRule: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  /// The index's padding (FAISS answers -1 when it runs out) or a row without a passage.
  case notAPassage
  /// One of the query's positives.
  case positive
  /// The same text as one of the positives.
  case positiveDuplicate
  /// The query itself: its own row, or the same text.
  case ownText
  /// The same passage or text as a better ranked candidate.
  case repeated
  /// Below the score wanted at least.
  case minimumScore
  /// Above the score allowed at most.
  case maximumScore
  /// Too near the lowest positive, by difference.
  case absoluteMargin
  /// Too near the lowest positive, by share of its score.
  case relativeMargin
}

/// Five numbers that say where a list of scores lies.
public struct ScoreQuantiles: Sendable, Codable, Equatable {
  /// The scores at shares 0, 1/4, 1/2, 3/4 and 1 of the sorted list.
  public let minimum, lowerQuartile, median, upperQuartile, maximum: Float

  /// `nil` when there are no scores. Quantiles are linear between neighbours.
  init?(_ scores: [Float]) {
    guard !scores.isEmpty else { return nil }
    let sorted = scores.sorted()
    func quantile(_ share: Float) -> Float {
      let position = share * Float(sorted.count - 1)
      let below = min(Int(position), sorted.count - 1)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (sorted[above] - sorted[below]) * (position - Float(below))
    }
    minimum = quantile(0)
    lowerQuartile = quantile(0.25)
    median = quantile(0.5)
    upperQuartile = quantile(0.75)
    maximum = quantile(1)
  }
}

/// What mining did, in numbers.
public struct MiningReport: Sendable, Codable, Equatable {
  /// Queries given.
  public internal(set) var queries = 0
  /// Queries without a positive: nothing says what a negative of theirs would be, so they get none.
  public internal(set) var queriesWithoutPositives = 0
  /// Queries with positives that ended with fewer negatives than asked for.
  public internal(set) var queriesShort = 0
  /// Negatives those are short of, summed.
  public internal(set) var missingNegatives = 0
  /// Answers of the index at ranks inside the rank range.
  public internal(set) var candidates = 0
  /// Candidates each rule removed; a rule that removed none is absent.
  public internal(set) var removed: [RemovalRule: Int] = [:]
  /// Negatives mined.
  public internal(set) var negatives = 0
  /// Where the negatives' scores lie; `nil` without negatives.
  public internal(set) var negativeScores: ScoreQuantiles?
  /// Where the positives' scores lie; `nil` without positives.
  public internal(set) var positiveScores: ScoreQuantiles?

  /// A report of nothing mined yet.
  public init() {}

  /// Share of the candidates that `rule` removed, in [0, 1].
  public func share(removedBy rule: RemovalRule) -> Double {
    candidates > 0 ? Double(removed[rule] ?? 0) / Double(candidates) : 0
  }

  mutating func add(_ mined: MinedQuery, wanted: Int) {
    queries += 1
    negatives += mined.negatives.count
    if mined.positiveScores.isEmpty {
      queriesWithoutPositives += 1
    } else if mined.negatives.count < wanted {
      queriesShort += 1
      missingNegatives += wanted - mined.negatives.count
    }
  }

  mutating func summarize(_ mined: [MinedQuery]) {
    negativeScores = ScoreQuantiles(mined.flatMap { $0.negatives.map(\.score) })
    positiveScores = ScoreQuantiles(mined.flatMap(\.positiveScores))
  }
}
