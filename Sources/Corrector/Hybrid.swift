internal import Tensors

/// How a generation is judged in which the rows of greatest predicted error are encoded anew and
/// stand among corrected ones.
///
/// Exact rows are nearer to what queries look for, and push in front of corrected ones that would
/// have been better: whether mixing helps depends on how good the corrector is, so it is measured.
public struct HybridJudgement: Sendable, Codable, Equatable {
  /// Share of the rows that are exact, in (0, 1).
  public let share: Double
  /// Figures of the mixture, on the rows that judged.
  public let judgement: Judgement
  /// recall@10 of the mixture minus that of correcting every row, paired by query.
  public let gain: Interval
  /// recall@10 of the mixture minus that with as many exact rows chosen at random, paired by query.
  public let gainOverRandom: Interval

  /// Whether it may go live: it is not judged to be below correcting every row.
  public var helps: Bool { gain.estimate >= 0 }
}

/// Judges mixtures with these shares of exact rows.
///
/// - Parameters:
///   - corrected, fresh: `(n, d')`, row for row.
///   - predictedErrors: of the corrected rows; the greatest are exact first.
///   - plain: how correcting every row was judged, by the same queries.
func judgeHybrids(
  corrected: Matrix, fresh: Matrix, predictedErrors: [Float], queries: Matrix?,
  plain: HeldOutScores, options: FitOptions
) -> [HybridJudgement] {
  let worstFirst = predictedErrors.indices.sorted {
    (predictedErrors[$1], $0) < (predictedErrors[$0], $1)
  }
  var random = RandomStream(seed: options.seed, stream: RandomUse.exactRows)
  let anyOrder = Array(predictedErrors.indices).shuffled(using: &random)
  func scores(_ exact: ArraySlice<Int>) -> HeldOutScores {
    var mixed = corrected
    for row in exact { mixed.setRow(row, to: fresh.row(row)) }
    return HeldOutScores(corrected: mixed, fresh: fresh, queries: queries, options: options)
  }
  return options.exactShares.map { share in
    let count = Int((share * Double(corrected.rows)).rounded())
    let mixed = scores(worstFirst.prefix(count)), byChance = scores(anyOrder.prefix(count))
    return HybridJudgement(
      share: share, judgement: mixed.judgement(options),
      gain: interval(zip(mixed.recalls, plain.recalls).map { $0 - $1 }, options),
      gainOverRandom: interval(zip(mixed.recalls, byChance.recalls).map { $0 - $1 }, options))
  }
}
