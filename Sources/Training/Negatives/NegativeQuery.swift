/// A query that negatives are drawn for.
struct NegativeQuery: Sendable, Equatable {
  /// The pair's place in the data; with the step it decides the draw.
  let pair: Int
  /// The row of its positive among the corpus' passages; nil when it is not of the corpus.
  let positive: Int?
  /// Rows that must not be drawn: passages known to answer the query, and all of equal texts.
  let masked: Set<Int>
}

/// What was drawn for a query.
struct SampledNegatives: Sendable, Equatable {
  /// Passages, none known to answer the query.
  let ids: [String]
  /// Passages whose texts are those of answers: whoever drew them, they are not negatives either.
  let duplicates: [String]
}

extension NegativeQuery {
  init(_ example: BatchExample, _ corpus: any PassageCorpus, _ survey: CorpusSurvey) {
    let pair = example.pair
    let answers = ([pair.positiveID] + pair.otherPositiveIDs).compactMap(corpus.passageIndex)
    self.init(
      pair: example.index, positive: corpus.passageIndex(of: pair.positiveID),
      masked: Set(answers.flatMap(survey.sameText)))
  }
}
