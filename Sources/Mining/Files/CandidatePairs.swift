public import Foundation

/// Pairs of a query and a passage in JSON Lines, for a second scorer to score:
/// `{"query_id", "passage_id", "query", "passage"}`.
///
/// - Parameters:
///   - file: replaced when it exists; appears whole or not at all.
///   - body: hands over a query and passages of it.
/// - Returns: the number of pairs.
/// - Throws: `MiningError` (`.io`) naming the file; what `body` throws.
public func writeCandidatePairs(
  to file: URL,
  _ body: (
    _ write: (_ queryID: String, _ query: String, _ passages: [MinedRecord.Passage]) throws -> Void
  ) throws -> Void
) throws -> Int {
  try writeLines(to: file) { writer in
    try body { queryID, query, passages in
      let (queryID, query) = (JSONText.string(queryID), JSONText.string(query))
      for passage in passages {
        try writer.append(
          JSONText.object([
            ("query_id", queryID), ("passage_id", JSONText.string(passage.id)), ("query", query),
            ("passage", JSONText.string(passage.whole)),
          ]))
      }
    }
  }
}
