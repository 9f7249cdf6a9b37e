/// Evaluators whose figures rules reproduce, by the name users type.
public enum EvaluationRuleSet: String, Sendable, Codable, CaseIterable {
  /// BEIR's evaluator: pytrec_eval over all judged queries, a query's own passage left out.
  case beir
  /// `trec_eval` as it is called plainly: queries without answers are left out of the means.
  case trecEval = "trec_eval"
  /// `trec_eval -c`: queries without answers count as 0.
  case trecEvalComplete = "trec_eval-c"
  /// `InformationRetrievalEvaluator` of sentence-transformers 6: a passage is relevant or not,
  /// equal scores by ascending id, average precision divided by what the cut-off allows.
  case sentenceTransformers = "sentence-transformers"

  /// The rules themselves.
  public var rules: EvaluationRules {
    var rules = EvaluationRules()
    switch self {
    case .beir: break
    case .trecEval:
      rules.ignoresIdenticalIDs = false
      rules.countsUnansweredQueries = false
    case .trecEvalComplete: rules.ignoresIdenticalIDs = false
    case .sentenceTransformers:
      rules.ignoresIdenticalIDs = false
      rules.ties = .idAscending
      rules.gain = .binary
      rules.averagePrecisionDivisor = .atMostCutoff
      rules.countsQueriesWithoutRelevant = false
      rules.comparesScoresInSinglePrecision = false
    }
    return rules
  }
}

extension EvaluationRules: CustomStringConvertible {
  /// The rules in words, on one line.
  public var description: String {
    let ties =
      switch ties {
      case .idDescending: "descending id"
      case .idAscending: "ascending id"
      case .runOrder: "the run's order"
      }
    let queries =
      switch (countsUnansweredQueries, countsQueriesWithoutRelevant) {
      case (true, true): "all judged queries count"
      case (true, false): "queries without a relevant passage are left out"
      case (false, true): "queries without answers are left out"
      case (false, false): "queries without answers or a relevant passage are left out"
      }
    return [
      "\(gain.rawValue) gain", "relevant from grade \(relevanceThreshold)",
      "equal \(comparesScoresInSinglePrecision ? "single" : "double")-precision scores by \(ties)",
      "the query's own id \(ignoresIdenticalIDs ? "is no answer" : "counts")", queries,
      averagePrecisionDivisor == .allRelevant
        ? "MAP over all relevant" : "MAP over at most the cut-off",
    ].joined(separator: ", ")
  }
}
