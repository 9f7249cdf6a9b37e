/// One step of the choice: a less simple corrector against the best so far.
public struct Comparison: Sendable, Codable, Equatable {
  /// The corrector to beat, and the less simple one that tries.
  public let incumbent: CorrectorKind, challenger: CorrectorKind
  /// Challenger minus incumbent, paired by query.
  public let recallDifference: Interval
  /// Challenger minus incumbent, paired by query; negative is better.
  public let klDifference: Interval
  /// Challenger minus incumbent, paired by passage.
  public let cosineDifference: Interval
  /// Whether the challenger took the incumbent's place.
  public let challengerWins: Bool
}

/// Chooses the simplest corrector that is not worse.
///
/// Walks from the simplest. A challenger replaces the incumbent when it is surely better by more
/// than a margin, sure meaning that the whole paired bootstrap interval says so:
///
/// 1. recall@10: the interval of the difference lies above `notWorseMargin`; or
/// 2. the KL divergence: the interval of the difference lies below −`klMargin` times the
///    incumbent's, and the estimate of recall@10 has not fallen by more than `notWorseMargin`; or
/// 3. recall@10 is equal (the interval lies within ±`notWorseMargin`) and the interval of the
///    cosine's difference lies above `cosineMargin`.
///
/// An unclear difference in recall is no reason to change, whatever the cosine says: cosine rises
/// with corrections that retrieval does not notice. The KL divergence is of the retrieval softmax
/// itself, and sees differences that counting ten neighbours of a few hundred passages does not.
///
/// - Parameter scores: per candidate, simplest first, on the same queries and passages.
/// - Returns: index of the chosen one, and the comparisons made.
func choose(
  _ scores: [(kind: CorrectorKind, scores: HeldOutScores)], options: FitOptions
) -> (chosen: Int, comparisons: [Comparison]) {
  var chosen = 0
  var comparisons: [Comparison] = []
  for challenger in scores.indices.dropFirst() {
    let comparison = compare(scores[chosen], scores[challenger], options)
    comparisons.append(comparison)
    if comparison.challengerWins { chosen = challenger }
  }
  return (chosen, comparisons)
}

/// A difference of so few nats is rounding, or as good as it.
private let negligibleDivergence = 1e-4

private func compare(
  _ incumbent: (kind: CorrectorKind, scores: HeldOutScores),
  _ challenger: (kind: CorrectorKind, scores: HeldOutScores), _ options: FitOptions
) -> Comparison {
  let recall = interval(
    zip(challenger.scores.recalls, incumbent.scores.recalls).map { $0 - $1 }, options)
  let cosine = interval(
    zip(challenger.scores.cosines, incumbent.scores.cosines).map { $0 - $1 }, options)
  let divergence = interval(
    zip(challenger.scores.divergences, incumbent.scores.divergences).map { $0 - $1 }, options)
  let margin = options.notWorseMargin
  let isBetter = recall.low > margin
  let isNearer =
    recall.estimate >= -margin
    && divergence.high
      < -max(options.klMargin * mean(incumbent.scores.divergences), negligibleDivergence)
  let isEqual = recall.low >= -margin && recall.high <= margin
  return Comparison(
    incumbent: incumbent.kind, challenger: challenger.kind, recallDifference: recall,
    klDifference: divergence, cosineDifference: cosine,
    challengerWins: isBetter || isNearer || (isEqual && cosine.low > options.cosineMargin))
}
