/// A line for FlagEmbedding's trainers; none without negatives, which they cannot sample from.
func flagEmbeddingLines(_ record: MinedRecord, scores: Bool) -> [String] {
  guard !record.negatives.isEmpty else { return [] }
  var members = [
    ("query", JSONText.string(record.query)),
    ("pos", JSONText.array(record.positives.map { JSONText.string($0.whole) })),
    ("neg", JSONText.array(record.negatives.map { JSONText.string($0.passage.whole) })),
  ]
  if scores {
    members += [
      ("pos_scores", JSONText.array(record.positives.map { "\($0.score)" })),
      ("neg_scores", JSONText.array(record.negatives.map { "\($0.mined.score)" })),
    ]
  }
  return [JSONText.object(members)]
}
