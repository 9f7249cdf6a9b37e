/// Lines of sentence-transformers triplets: one for each positive and each negative.
///
/// sentence-transformers takes a data set's columns by their order, not their names.
func tripletLines(_ record: MinedRecord, scores: Bool) -> [String] {
  let anchor = JSONText.string(record.query)
  let negatives = record.negatives.map { (JSONText.string($0.passage.whole), $0.mined.score) }
  return record.positives.flatMap { positive in
    let text = JSONText.string(positive.whole)
    return negatives.map { negative, score in
      JSONText.object(
        [("anchor", anchor), ("positive", text), ("negative", negative)]
          + scoreColumn(scores, [positive.score, score]))
    }
  }
}

/// The last column, `"scores": […]`, when there is to be one.
func scoreColumn(_ isWanted: Bool, _ scores: [Float]) -> [(key: String, value: String)] {
  isWanted ? [("scores", JSONText.array(scores.map { "\($0)" }))] : []
}
