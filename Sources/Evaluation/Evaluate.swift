/// Scores a run against judgements.
///
/// Answers to queries that nobody judged are not looked at.
/// - Parameters:
///   - run: the answers.
///   - qrels: the judgements.
///   - metrics: what to compute; cut-offs from 1.
///   - rules: see ``EvaluationRules``; the defaults give BEIR's and trec_eval's figures.
/// - Returns: the mean of each metric and its value for each query counted.
/// - Throws: `EvaluationError` when a cut-off is below 1, a score is not finite, a query has one
///   passage twice, or no query is left to average over.
public func evaluate(
  run: Run, qrels: Qrels, metrics: [Metric] = Metric.standard,
  rules: EvaluationRules = EvaluationRules()
) throws -> EvaluationReport {
  if let wrong = metrics.first(where: { $0.cutoff < 1 }) {
    throw EvaluationError(.invalidArgument, "\(wrong.name): the cut-off must be at least 1")
  }
  var report = EvaluationReport(rules: rules)
  for (query, grades) in qrels.judgements {
    let answers = run.results[query]
    let ranking = try judge(answers ?? [], query: query, grades: grades, rules: rules)
    if answers == nil { report.unansweredQueries += 1 }
    if ranking.relevantCount == 0 { report.queriesWithoutRelevant += 1 }
    guard rules.counts(answered: answers != nil, relevant: ranking.relevantCount) else { continue }
    report.perQuery[query] = Dictionary(
      metrics.map { ($0, $0.value(for: ranking)) }, uniquingKeysWith: { first, _ in first })
  }
  try report.average(metrics)
  return report
}

/// The answers of one query in the order they are evaluated in, checked.
///
/// - Throws: `EvaluationError` when a score is not finite or a passage comes twice.
func rankedHits(
  _ hits: [(id: String, score: Double)], query: String, rules: EvaluationRules
) throws(EvaluationError) -> [(id: String, score: Double)] {
  var seen: Set<String> = []
  for hit in hits {
    guard hit.score.isFinite else {
      throw EvaluationError(
        .notFinite, "query \"\(query)\": the score of passage \"\(hit.id)\" is \(hit.score)")
    }
    guard seen.insert(hit.id).inserted else {
      throw EvaluationError(
        .duplicateRow, "query \"\(query)\": passage \"\(hit.id)\" is answered twice")
    }
  }
  return hits.enumerated().sorted {
    rules.ranks(($0.offset, $0.element), before: ($1.offset, $1.element))
  }
  .map(\.element)
}

private func judge(
  _ hits: [(id: String, score: Double)], query: String, grades: [String: Int],
  rules: EvaluationRules
) throws -> JudgedRanking {
  let ranked = try rankedHits(hits, query: query, rules: rules)
    .filter { !(rules.ignoresIdenticalIDs && $0.id == query) }
  return JudgedRanking(
    grades: ranked.map { grades[$0.id] ?? 0 },
    idealGrades: grades.values.filter { $0 > 0 }.sorted(by: >),
    relevantCount: grades.values.count { $0 >= rules.relevanceThreshold }, rules: rules)
}

extension EvaluationRules {
  fileprivate typealias Place = (index: Int, hit: (id: String, score: Double))

  fileprivate func ranks(_ a: Place, before b: Place) -> Bool {
    let (x, y) = (comparable(a.hit.score), comparable(b.hit.score))
    if x != y { return x > y }
    switch ties {
    case .idDescending: return precedesInBytes(b.hit.id, a.hit.id)
    case .idAscending: return precedesInBytes(a.hit.id, b.hit.id)
    case .runOrder: return a.index < b.index
    }
  }

  private func comparable(_ score: Double) -> Double {
    comparesScoresInSinglePrecision ? Double(Float(score)) : score
  }

  fileprivate func counts(answered: Bool, relevant: Int) -> Bool {
    (answered || countsUnansweredQueries) && (relevant > 0 || countsQueriesWithoutRelevant)
  }
}
