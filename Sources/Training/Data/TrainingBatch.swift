/// What one step is about: queries, the passages they are compared with, and what must not count.
struct TrainingBatch: Sendable, Equatable {
  /// Indices of the pairs; row i of the scores is pair `pairs[i]`.
  var pairs: [Int]
  /// Ids of the passages, all different: the positive of row i is column i, then come negatives.
  var columns: [String]
  /// For each row, the columns (its own positive's aside) that are known to answer its query.
  var excluded: [[Int]]

  /// Puts the batch together from `indices` of `pairs`, whose positives are all different.
  ///
  /// A passage that several queries drew, or that is also a positive of the batch, is one column.
  init(
    _ indices: [Int], of pairs: [TrainingPair], step: Int, negatives: GivenNegatives
  ) {
    self.pairs = indices
    columns = indices.map { pairs[$0].positiveID }
    var place = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($1, $0) })
    for index in indices {
      for id in negatives.draw(for: pairs[index], index: index, step: step)
      where place[id] == nil {
        place[id] = columns.count
        columns.append(id)
      }
    }
    excluded = indices.enumerated().map { row, index in
      Set(pairs[index].otherPositiveIDs.compactMap { place[$0] }).subtracting([row]).sorted()
    }
  }
}
