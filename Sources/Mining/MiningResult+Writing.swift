public import Foundation

extension MiningResult {
  /// Writes triplets for sentence-transformers: one line `{"anchor","positive","negative"}`, keys
  /// in this order, for each positive and each negative of each query.
  ///
  /// sentence-transformers takes a data set's columns by their order, not their names.
  /// - Parameters:
  ///   - file: replaced when it exists; appears whole or not at all.
  ///   - queries: those that were mined for.
  ///   - queryText: the text of a query, by its place in `queries`.
  ///   - passageText: the text of a passage, by its row.
  /// - Returns: the number of lines.
  /// - Throws: `MiningError` (`.io`) naming the file; what the closures throw.
  @discardableResult
  public func writeTriplets(
    to file: URL, queries: [MiningQuery], queryText: (_ query: Int) throws -> String,
    passageText: (_ row: Int) throws -> String
  ) throws -> Int {
    try writeLines(to: file) { writer in
      for mined in self.queries where !mined.negatives.isEmpty {
        let anchor = JSONText.string(try queryText(mined.query))
        let negatives = try mined.negatives.map { JSONText.string(try passageText($0.row)) }
        for row in queries[mined.query].positives {
          let positive = JSONText.string(try passageText(row))
          for negative in negatives {
            try writer.append(
              JSONText.object([("anchor", anchor), ("positive", positive), ("negative", negative)]))
          }
        }
      }
    }
  }

  /// Writes Freshet's negatives file, one ``NegativesRecord`` a line, for every query with
  /// positives.
  ///
  /// - Parameters:
  ///   - file: replaced when it exists; appears whole or not at all.
  ///   - queries: those that were mined for.
  ///   - generation: the generation whose embeddings the index held.
  ///   - queryText: the text of a query, by its place in `queries`.
  ///   - passageID: the id of a passage, by its row.
  ///   - provenance: how that row's embedding was made, `encoded` or `corrected`.
  /// - Returns: the number of lines.
  /// - Throws: `MiningError` (`.io`) naming the file; what the closures throw.
  @discardableResult
  public func writeNegatives(
    to file: URL, queries: [MiningQuery], generation: Int,
    queryText: (_ query: Int) throws -> String, passageID: (_ row: Int) throws -> String,
    provenance: (_ row: Int) throws -> String
  ) throws -> Int {
    try writeLines(to: file) { writer in
      for mined in self.queries where !mined.positiveScores.isEmpty {
        let query = queries[mined.query]
        let record = NegativesRecord(
          queryID: query.id, query: try queryText(mined.query),
          positiveIDs: try query.positives.map(passageID),
          negatives: try mined.negatives.map { negative in
            NegativesRecord.Negative(
              id: try passageID(negative.row), rank: negative.rank, score: negative.score,
              generation: generation, provenance: try provenance(negative.row))
          })
        try writer.append(record.line)
      }
    }
  }
}
