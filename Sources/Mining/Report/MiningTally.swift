/// What a report is made from, of a size that does not grow with the queries.
struct MiningTally {
  /// Queries mined so far.
  var queries: Int { counts.queries }
  private var counts = MiningReport()
  private var positives = ScoreSketch()
  private var negatives = ScoreSketch()

  mutating func add(_ mined: MinedQuery, of query: MiningQuery, _ trace: RuleTrace, wanted: Int) {
    counts.queries += 1
    counts.candidates += trace.candidates
    counts.removed.merge(trace.removed, uniquingKeysWith: +)
    if trace.answers.checked > 0 {
      counts.answers = (counts.answers ?? MiningReport.AnswerCounts()) + trace.answers
    }
    for score in mined.positiveScores { positives.add(score) }
    addNegatives(mined, wanted: wanted)
    if trace.isExample { 
      counts.examples.append(example(mined, query, trace))
    }
  }

  private mutating func addNegatives(_ mined: MinedQuery, wanted: Int) {
    counts.negatives += mined.negatives.count
    for negative in mined.negatives where !negative.isPositive {
      negatives.add(negative.score)
      counts.sources[negative.source, default: 0] += 1
    }
    if mined.positiveScores.isEmpty {
      counts.queriesWithoutPositives += 1
    } else if mined.isDropped {
      counts.queriesDropped += 1
    } else if mined.negatives.count < wanted {
      counts.queriesShort += 1
      counts.missingNegatives += wanted - mined.negatives.count
    }
  }

  private func example(
    _ mined: MinedQuery, _ query: MiningQuery, _ trace: RuleTrace
  ) -> MiningExample {
    MiningExample(
      query: query.id,
      positives: zip(query.positives, mined.positiveScores).map {
        .init(row: $0, score: $1)
      },
      kept: mined.negatives.map { .init($0) },
      removed: trace.shown.map { .init($0.negative, rule: $0.rule) })
  }

  var report: MiningReport {
    var report = counts
    report.positiveScores = positives.distribution
    report.negativeScores = negatives.distribution
    return report
  }
}
