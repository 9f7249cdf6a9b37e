/// Lines of a TREC run, best score first, ranks from 1.
///
/// - Throws: `MiningError.invalidArgument` for an id that is empty or holds white space.
func trecLines(_ record: MinedRecord) throws(MiningError) -> [String] {
  try requireWord(record.queryID, "query")
  let ranked = record.negatives.sorted { $0.mined.score > $1.mined.score }
  var lines: [String] = []
  for (i, negative) in ranked.enumerated() {
    try requireWord(negative.passage.id, "passage")
    lines.append(
      "\(record.queryID) Q0 \(negative.passage.id) \(i + 1) \(negative.mined.score) freshet")
  }
  return lines
}

private func requireWord(_ id: String, _ what: String) throws(MiningError) {
  guard !id.isEmpty, !id.contains(where: \.isWhitespace) else {
    throw MiningError(
      .invalidArgument,
      "a TREC run cannot hold the \(what) id \"\(id)\": it is empty or has white space")
  }
}
