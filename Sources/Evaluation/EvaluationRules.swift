internal import Foundation

/// The choices that make two evaluators disagree on the same run, by name.
///
/// The defaults give BEIR's figures, which are those of `trec_eval -c` through pytrec_eval. Reports
/// carry the rules they were made under.
public struct EvaluationRules: Sendable, Codable, Equatable {
  /// Order among answers of equal score.
  public enum Ties: String, Sendable, Codable {
    /// By passage id, descending in the order of its bytes: what trec_eval does.
    case idDescending
    /// By passage id, ascending in the order of its bytes: what sentence-transformers does.
    case idAscending
    /// As the run lists them.
    case runOrder
  }

  /// What a grade is worth in nDCG.
  public enum Gain: String, Sendable, Codable {
    /// The grade itself: trec_eval, BEIR.
    case linear
    /// 2^grade - 1 (Burges et al. 2005).
    case exponential
    /// 1 for every positive grade: sentence-transformers' evaluator.
    case binary

    func value(of grade: Int) -> Double {
      switch self {
      case .linear: Double(grade)
      case .exponential: exp2(Double(grade)) - 1
      case .binary: 1
      }
    }
  }

  /// What average precision is divided by.
  public enum AveragePrecisionDivisor: String, Sendable, Codable {
    /// All relevant passages: trec_eval's `map_cut`.
    case allRelevant
    /// At most the cut-off: what a perfect ranking could reach; sentence-transformers.
    case atMostCutoff
  }

  /// Drops an answer whose id is the query's own id, as BEIR does: in ArguAna or Quora the query is
  /// itself a passage.
  public var ignoresIdenticalIDs = true
  /// Order among answers of equal score.
  public var ties = Ties.idDescending
  /// What a grade is worth in nDCG.
  public var gain = Gain.linear
  /// The least grade that is relevant to recall, MRR, MAP and precision.
  public var relevanceThreshold = 1
  /// What average precision is divided by.
  public var averagePrecisionDivisor = AveragePrecisionDivisor.allRelevant
  /// A judged query without answers counts as 0 (`trec_eval -c`) instead of being left out.
  public var countsUnansweredQueries = true
  /// A query judged without one relevant passage counts as 0, as in trec_eval and BEIR, instead of
  /// being left out.
  public var countsQueriesWithoutRelevant = true
  /// Scores are rounded to `Float` before they are compared, as in trec_eval up to 9.0 and
  /// pytrec_eval; later sources of trec_eval compare `double`.
  public var comparesScoresInSinglePrecision = true

  /// BEIR's and trec_eval's rules.
  public init() {}
}
