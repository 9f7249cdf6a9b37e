/// Which candidates become hard negatives.
///
/// A candidate on a bound is kept. Bounds and margins are in the unit of the scores: inner
/// products, cosines for unit rows.
public struct MiningRules: Sendable, Codable, Equatable {
  /// Ranks to look at, 0 being the index's best answer. They are ranks in the index's answer,
  /// before positives or anything else is taken out; the upper bound is how many neighbours are
  /// fetched.
  public var rankRange = 0..<50
  /// Negatives wanted from the index for each query.
  public var negativesPerQuery = 5
  /// Negatives wanted from the lexical search for each query, beside those of the index.
  public var lexicalNegatives = 0
  /// Ranks of the lexical search to look at, as ``rankRange``.
  public var lexicalRankRange = 0..<50
  /// Removes a candidate scoring more than (positive score - margin); which of the positives is
  /// ``marginAnchor``.
  public var absoluteMargin: Float?
  /// Removes a candidate scoring more than p - |p| · margin, p being the positive score: also right
  /// for negative scores, where p · (1 - margin) would lie above p.
  public var relativeMargin: Float?
  /// Removes a candidate scoring less.
  public var minimumScore: Float?
  /// Removes a candidate scoring more.
  public var maximumScore: Float?
  /// The positive that margins are taken from.
  public var marginAnchor = MarginAnchor.worstPositive
  /// The same bounds on the scores of a second scorer.
  public var cross = ScoreBounds()
  /// What becomes of a candidate that the second scorer has no score for.
  public var unscored = UnscoredPolicy.keep
  /// Removes a candidate whose cosine to a positive, or to a negative already picked, is above.
  public var nearDuplicate: Float?
  /// Whether a passage that holds an answer is removed; otherwise it is only counted.
  public var dropsAnswers = true
  /// Lets positives through where the index ranks them, marked, and no rule on scores or answers
  /// touches them: for whole rankings, such as a re-ranker is trained on.
  public var includesPositives = false
  /// What happens when a query ends with fewer negatives than wanted.
  public var shortage = ShortagePolicy.fewer
  /// How negatives are picked among the candidates left.
  public var sampling = MiningSampling.top
  /// Decides what `random`, `softmax` and `fillRandom` draw; no effect on `top`.
  public var seed: UInt64 = 0

  /// Five negatives, the best ranked of the first fifty, no bounds on scores.
  public init() {}

  /// Negatives wanted for each query, of all sources.
  public var wanted: Int { negativesPerQuery + lexicalNegatives }

  /// The bounds on inner products.
  var dense: ScoreBounds {
    ScoreBounds(
      absoluteMargin: absoluteMargin, relativeMargin: relativeMargin, minimumScore: minimumScore,
      maximumScore: maximumScore)
  }
}

/// What happens when a query ends with fewer negatives than wanted.
public enum ShortagePolicy: String, Sendable, Codable, CaseIterable {
  /// It keeps what there is.
  case fewer
  /// It is left out.
  case drop
  /// Mining ends with an error that names it.
  case fail
  /// Passages drawn at random fill it up: no positive, copy of one, near copy, answer, or passage
  /// that a rule removed. Bounds on scores do not hold for them; they are marked as random.
  case fillRandom = "fill-random"
}

/// What becomes of a candidate that the second scorer has no score for.
public enum UnscoredPolicy: String, Sendable, Codable, CaseIterable {
  /// The second scorer's bounds do not touch it.
  case keep
  /// It is removed.
  case drop
}

/// The positive that margins are taken from, of a query that has several.
public enum MarginAnchor: String, Sendable, Codable, CaseIterable {
  /// The one that scores lowest: no negative comes near any positive.
  case worstPositive = "worst"
  /// The one that scores highest: a positive the encoder misses does not remove everything.
  case bestPositive = "best"
}
