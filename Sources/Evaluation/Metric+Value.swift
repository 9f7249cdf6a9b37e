internal import Foundation

/// One query, ranked and judged: all that a metric needs.
struct JudgedRanking {
  /// Grade of each answer, best ranked first; unjudged answers have 0.
  let grades: [Int]
  /// All positive grades of the query, answered or not, in descending order.
  let idealGrades: [Int]
  /// Number of passages whose grade reaches the threshold, answered or not.
  let relevantCount: Int
  let rules: EvaluationRules

  func isRelevant(_ grade: Int) -> Bool { grade >= rules.relevanceThreshold }
}

extension Metric {
  /// The metric's value for one query, in [0, 1]; 0 when nothing is relevant.
  func value(for ranking: JudgedRanking) -> Double {
    let first = ranking.grades.prefix(cutoff)
    switch self {
    case .ndcg:
      let ideal = discountedGain(ranking.idealGrades.prefix(cutoff), ranking.rules.gain)
      return ideal > 0 ? discountedGain(first, ranking.rules.gain) / ideal : 0
    case .recall:
      return share(first.count(where: ranking.isRelevant), of: ranking.relevantCount)
    case .mrr:
      return first.firstIndex(where: ranking.isRelevant).map { 1 / Double($0 + 1) } ?? 0
    case .map:
      return averagePrecision(first, ranking, cutoff: cutoff)
    case .success:
      return first.contains(where: ranking.isRelevant) ? 1 : 0
    case .precision(let k):
      return share(first.count(where: ranking.isRelevant), of: k)
    }
  }
}

private func share(_ part: Int, of whole: Int) -> Double {
  whole > 0 ? Double(part) / Double(whole) : 0
}

/// Σ gain(gradeᵢ) / log₂(i + 1) over ranks i from 1 (Järvelin and Kekäläinen 2002, with trec_eval's
/// discount, which counts from the first rank).
private func discountedGain(_ grades: ArraySlice<Int>, _ gain: EvaluationRules.Gain) -> Double {
  var sum = 0.0
  for (index, grade) in grades.enumerated() where grade > 0 {
    sum += gain.value(of: grade) / log2(Double(index + 2))
  }
  return sum
}

/// Mean over all relevant passages, or as many as could be among `first`, of the precision at their
/// ranks; 0 for those not among `first`.
private func averagePrecision(
  _ first: ArraySlice<Int>, _ ranking: JudgedRanking, cutoff: Int
) -> Double {
  var found = 0
  var sum = 0.0
  for (index, grade) in first.enumerated() where ranking.isRelevant(grade) {
    found += 1
    sum += Double(found) / Double(index + 1)
  }
  let divisor =
    switch ranking.rules.averagePrecisionDivisor {
    case .allRelevant: ranking.relevantCount
    case .atMostCutoff: min(ranking.relevantCount, cutoff)
    }
  return divisor > 0 ? sum / Double(divisor) : 0
}
