/// Lines of sentence-transformers tuples: one for each positive, with all negatives as columns;
/// none when there are not just as many as wanted.
func tupleLines(_ record: MinedRecord, scores: Bool, negatives wanted: Int) -> [String] {
  guard record.negatives.count == wanted else { return [] }
  let anchor = JSONText.string(record.query)
  let columns = record.negatives.enumerated().map { i, negative in
    (key: "negative_\(i + 1)", value: JSONText.string(negative.passage.whole))
  }
  return record.positives.map { positive in
    JSONText.object(
      [("anchor", anchor), ("positive", JSONText.string(positive.whole))] + columns
        + scoreColumn(scores, [positive.score] + record.negatives.map(\.mined.score)))
  }
}
