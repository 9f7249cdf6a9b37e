/// An element of DPR's training list: mined negatives are hard ones, those drawn at random are not.
func dprElements(_ record: MinedRecord) -> [String] {
  func context(_ passage: MinedRecord.Passage, _ score: Float) -> String {
    JSONText.object([
      ("title", JSONText.string(passage.title)), ("text", JSONText.string(passage.text)),
      ("score", "\(score)"), ("passage_id", JSONText.string(passage.id)),
    ])
  }
  func contexts(random: Bool) -> String {
    JSONText.array(
      record.negatives.filter { ($0.mined.source == .random) == random }
        .map { context($0.passage, $0.mined.score) })
  }
  return [
    JSONText.object([
      ("question", JSONText.string(record.query)),
      ("answers", JSONText.array(record.answers.map(JSONText.string))),
      ("positive_ctxs", JSONText.array(record.positives.map { context($0, $0.score) })),
      ("negative_ctxs", contexts(random: true)),
      ("hard_negative_ctxs", contexts(random: false)),
    ])
  ]
}
