/// The rules on scores, those of the index and those of a second scorer, as they stand for one
/// query.
struct ScoreRules {
  private let query: String
  private let dense, cross: ScoreBounds
  private let densePositive, crossPositive: Float?
  private let dropsUnscored: Bool
  private let crossScore: ((String, Int) throws -> Float?)?

  init(
    _ query: MiningQuery, positiveScores: [Float], rules: MiningRules,
    crossScore: ((String, Int) throws -> Float?)?
  ) rethrows {
    self.query = query.id
    self.crossScore = crossScore
    (dense, cross) = (rules.dense, rules.cross)
    dropsUnscored = rules.unscored == .drop
    densePositive = rules.marginAnchor.score(of: positiveScores)
    crossPositive = try crossScore.flatMap { score in
      rules.marginAnchor.score(of: try query.positives.compactMap { try score(query.id, $0) })
    }
  }

  /// The rule that removes the candidate; fills in the second scorer's score. A positive that is
  /// let through is touched by none.
  func firstRule(against candidate: inout HardNegative) throws -> RemovalRule? {
    candidate.crossScore = try crossScore?(query, candidate.row)
    if candidate.isPositive { return nil }
    if let breach = dense.breach(by: candidate.score, positive: densePositive) {
      return breach.denseRule
    }
    guard crossScore != nil else { return nil }
    guard let score = candidate.crossScore else { return dropsUnscored ? .crossMissing : nil }
    if dropsUnscored, crossPositive == nil, cross.needsPositive { return .crossMissing }
    return cross.breach(by: score, positive: crossPositive)?.crossRule
  }
}

extension ScoreBounds {
  /// Whether a bound is taken from a positive's score.
  fileprivate var needsPositive: Bool { absoluteMargin != nil || relativeMargin != nil }
}
