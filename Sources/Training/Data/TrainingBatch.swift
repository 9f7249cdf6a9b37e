/// What one loss is about: queries, the passages they are compared with, and what must not count.
package struct TrainingBatch: Sendable, Equatable {
  /// For each query, the ids of all passages known to answer it; its own positive is the first.
  var positives: [[String]]
  /// Ids of the passages, all different: the positive of row i is column i, then come negatives.
  package var columns: [String]
  /// For each negative column, the row that brought it; column `rows + j` has owner `owners[j]`.
  var owners: [Int]
  /// For each row, the columns (its own positive's aside) that are known to answer its query.
  var excluded: [[Int]]

  /// Number of queries.
  package var rows: Int { positives.count }

  /// Puts the batch together from pairs whose positives are all different.
  ///
  /// A passage that several queries drew, or that is also a positive of the batch, is one column.
  ///
  /// - Parameter negatives: for each pair, ids of negatives; none of them a known positive.
  package init(_ pairs: [TrainingPair], negatives: [[String]]) {
    positives = pairs.map { [$0.positiveID] + $0.otherPositiveIDs }
    columns = pairs.map(\.positiveID)
    owners = []
    var place = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    for (row, ids) in negatives.enumerated() {
      for id in ids where place[id] == nil {
        place[id] = columns.count
        columns.append(id)
        owners.append(row)
      }
    }
    excluded = positives.enumerated().map { row, ids in
      Set(ids.compactMap { place[$0] }).subtracting([row]).sorted()
    }
  }
}
