/// How negatives are picked among the candidates that no rule removed.
public enum MiningSampling: Sendable, Codable, Equatable {
  /// The best ranked.
  case top
  /// All equally likely.
  case random
  /// Without replacement, each draw by the softmax of score / `temperature`.
  case softmax(temperature: Float)
}

/// Which candidates become hard negatives.
///
/// A candidate on a bound is kept. Bounds and margins are in the unit of the index's scores: inner
/// products, cosines for unit rows.
public struct MiningRules: Sendable, Codable, Equatable {
  /// Ranks to look at, 0 being the index's best answer. They are ranks in the index's answer,
  /// before positives or anything else is taken out; the upper bound is how many neighbours are
  /// fetched.
  public var rankRange = 0..<50
  /// Negatives wanted for each query; a query may end with fewer, and the report counts those.
  public var negativesPerQuery = 5
  /// Removes a candidate scoring more than (lowest positive score - margin).
  public var absoluteMargin: Float?
  /// Removes a candidate scoring more than p - |p| · margin, p being the lowest positive score:
  /// also right for negative scores, where p · (1 - margin) would lie above p.
  public var relativeMargin: Float?
  /// Removes a candidate scoring less.
  public var minimumScore: Float?
  /// Removes a candidate scoring more.
  public var maximumScore: Float?
  /// How negatives are picked among the candidates left.
  public var sampling = MiningSampling.top
  /// Decides what `random` and `softmax` draw; no effect on `top`.
  public var seed: UInt64 = 0

  /// Five negatives, the best ranked of the first fifty, no bounds on scores.
  public init() {}

  /// - Throws: `MiningError` (`.invalidArgument`) naming the rule that cannot be followed.
  func check() throws(MiningError) {
    try require(
      rankRange.lowerBound >= 0 && !rankRange.isEmpty, "rankRange \(rankRange) holds no rank")
    try require(
      negativesPerQuery > 0, "negativesPerQuery must be at least 1, was \(negativesPerQuery)")
    for (name, value) in [
      ("absoluteMargin", absoluteMargin), ("relativeMargin", relativeMargin),
      ("minimumScore", minimumScore), ("maximumScore", maximumScore),
    ] {
      try require(value?.isFinite ?? true, "\(name) must be a finite number, was \(value ?? 0)")
    }
    if let minimumScore, let maximumScore {
      try require(
        minimumScore <= maximumScore,
        "minimumScore \(minimumScore) is above maximumScore \(maximumScore)")
    }
    if case .softmax(let temperature) = sampling {
      try require(
        temperature > 0 && temperature.isFinite,
        "the softmax temperature must be positive, was \(temperature)")
    }
  }

  private func require(_ condition: Bool, _ message: String) throws(MiningError) {
    guard condition else { throw MiningError(.invalidArgument, "mining rules: \(message)") }
  }
}
