/// Bounds on one scorer's scores.
public struct ScoreBounds: Sendable, Codable, Equatable {
  /// See the properties of the same names of ``MiningRules``.
  public var absoluteMargin, relativeMargin, minimumScore, maximumScore: Float?

  /// The bounds given.
  public init(
    absoluteMargin: Float? = nil, relativeMargin: Float? = nil, minimumScore: Float? = nil,
    maximumScore: Float? = nil
  ) {
    self.absoluteMargin = absoluteMargin
    self.relativeMargin = relativeMargin
    self.minimumScore = minimumScore
    self.maximumScore = maximumScore
  }

  /// The bound a score breaks, in the order of the cases.
  enum Breach {
    case minimumScore, maximumScore, absoluteMargin, relativeMargin
  }

  /// - Parameter positive: the score margins are taken from; `nil` turns them off.
  func breach(by score: Float, positive: Float?) -> Breach? {
    if let least = minimumScore, score < least { return .minimumScore }
    if let most = maximumScore, score > most { return .maximumScore }
    guard let positive else { return nil }
    if let margin = absoluteMargin, score > positive - margin { return .absoluteMargin }
    if let margin = relativeMargin, score > positive - abs(positive) * margin {
      return .relativeMargin
    }
    return nil
  }
}

extension ScoreBounds.Breach {
  /// The rule it is, of the index's scores.
  var denseRule: RemovalRule {
    switch self {
    case .minimumScore: .minimumScore
    case .maximumScore: .maximumScore
    case .absoluteMargin: .absoluteMargin
    case .relativeMargin: .relativeMargin
    }
  }

  /// The rule it is, of the second scorer's scores.
  var crossRule: RemovalRule {
    switch self {
    case .minimumScore: .crossMinimumScore
    case .maximumScore: .crossMaximumScore
    case .absoluteMargin: .crossAbsoluteMargin
    case .relativeMargin: .crossRelativeMargin
    }
  }
}

extension MarginAnchor {
  /// The score margins are taken from; `nil` of none.
  func score(of positives: some Sequence<Float>) -> Float? {
    switch self {
    case .worstPositive: positives.min()
    case .bestPositive: positives.max()
    }
  }
}
