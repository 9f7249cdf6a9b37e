/// Lines of labelled pairs for sentence-transformers: positives with 1, negatives with 0, or each
/// with its score, never both.
func labeledPairLines(_ record: MinedRecord, scores: Bool) -> [String] {
  let anchor = JSONText.string(record.query)
  return labelled(record).map { passage, score, label in
    JSONText.object([
      ("anchor", anchor), ("passage", JSONText.string(passage.whole)),
      scores ? ("score", "\(score)") : ("label", "\(label)"),
    ])
  }
}

/// One line of labelled lists for sentence-transformers' re-rankers; none without negatives.
func labeledListLines(_ record: MinedRecord, scores: Bool) -> [String] {
  let passages = labelled(record)
  guard passages.contains(where: { $0.label == 0 }) else { return [] }
  return [
    JSONText.object([
      ("anchor", JSONText.string(record.query)),
      ("passages", JSONText.array(passages.map { JSONText.string($0.passage.whole) })),
      scores
        ? ("scores", JSONText.array(passages.map { "\($0.score)" }))
        : ("labels", JSONText.array(passages.map { "\($0.label)" })),
    ])
  ]
}

/// Positives first, then negatives; those that were let through by rank are where they rank.
private func labelled(
  _ record: MinedRecord
) -> [(passage: MinedRecord.Passage, score: Float, label: Int)] {
  let ranked = Set(record.negatives.filter(\.mined.isPositive).map(\.passage.id))
  return record.positives.filter { !ranked.contains($0.id) }.map { ($0, $0.score, 1) }
    + record.negatives.map { ($0.passage, $0.mined.score, $0.mined.isPositive ? 1 : 0) }
}
