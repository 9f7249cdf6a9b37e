/// A line for Tevatron; none without negatives, which it cannot sample from.
func tevatronLines(_ record: MinedRecord) -> [String] {
  guard !record.negatives.isEmpty else { return [] }
  func passage(_ passage: MinedRecord.Passage) -> String {
    JSONText.object([
      ("docid", JSONText.string(passage.id)), ("title", JSONText.string(passage.title)),
      ("text", JSONText.string(passage.text)),
    ])
  }
  return [
    JSONText.object([
      ("query_id", JSONText.string(record.queryID)), ("query", JSONText.string(record.query)),
      ("positive_passages", JSONText.array(record.positives.map(passage))),
      ("negative_passages", JSONText.array(record.negatives.map { passage($0.passage) })),
    ])
  ]
}
