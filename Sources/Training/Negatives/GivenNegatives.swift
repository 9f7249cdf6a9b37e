import Tensors

/// Hard negatives given with the pairs: a few are drawn anew at every step.
package struct GivenNegatives: Sendable {
  let perQuery: Int
  let seed: UInt64

  package init(perQuery: Int, seed: UInt64) {
    self.perQuery = perQuery
    self.seed = seed
  }

  /// Ids of at most `perQuery` different passages, none of them known to answer the query.
  ///
  /// - Parameter index: the pair's place in the data; with the step it decides the draw.
  package func draw(for pair: TrainingPair, index: Int, step: Int) -> [String] {
    guard perQuery > 0, !pair.negativeIDs.isEmpty else { return [] }
    var seen = Set(pair.otherPositiveIDs)
    seen.insert(pair.positiveID)
    var candidates = pair.negativeIDs.filter { seen.insert($0).inserted }
    var random = RandomUse.negatives(seed: seed, step: step, pair: index)
    random.draw(perQuery, of: &candidates)
    return Array(candidates.prefix(perQuery))
  }
}
