public import Tensors

extension FaissIndex {
  /// The least effort at which this index reaches a recall, measured on held-out queries against an
  /// exact search.
  ///
  /// Graphs are walked more broadly and more inverted lists are visited until the share is reached;
  /// compressed vectors are ordered by the originals. What has no such parameter is measured as it
  /// is. When the target is out of reach, the most effort there is.
  /// - Parameters:
  ///   - queries: `(q, d)`, q ≥ 1, not among the indexed vectors; a few hundred do.
  ///   - target: recall and k; its memory is not looked at.
  /// - Returns: parameters with the recall they reached.
  /// - Throws: `IndexError.invalidArgument` when the index has no vectors at hand to compare with, or
  ///   for queries that do not fit.
  public func tuning(queries: Matrix, target: IndexTarget) throws(IndexError) -> IndexTuning {
    try target.check()
    guard let scan else {
      throw IndexError(.invalidArgument, "tuning: attach the vectors that were indexed")
    }
    try validate(queries, k: target.k, SearchParameters())
    let truth = scan.search(queries, k: target.k)
    func measured(_ effort: Int?) throws(IndexError) -> IndexTuning {
      var tuning = IndexTuning(
        efSearch: nil, probes: nil, exactReRank: !shape.scoresExactly, recall: 0, k: target.k,
        queries: queries.rows)
      switch shape.access {
      case .graph: tuning.efSearch = effort
      case .lists: tuning.probes = effort
      default: break
      }
      let found = try search(
        queries, k: target.k, parameters: SearchParameters().filled(by: tuning))
      tuning.recall = neighborRecall(found, of: truth, k: target.k)
      return tuning
    }
    guard let most = mostEffort else { return try measured(nil) }
    return try leastEffort(from: shape.leastEffort(k: target.k), to: most, target.recall, measured)
  }

  /// The same index, whose searches use these parameters where their caller gives none.
  public func tuned(_ tuning: IndexTuning?) -> FaissIndex {
    FaissIndex(adopting: handle, vectors: vectors, foreign: recipe, tuning: tuning)
  }

  /// The largest parameter that makes a difference; nil for kinds without one.
  private var mostEffort: Int? {
    switch shape.access {
    case .graph: max(count, 1)
    case .lists(let lists): lists
    default: nil
    }
  }
}

extension RecipeShape {
  fileprivate func leastEffort(k: Int) -> Int {
    if case .graph = access { return max(k + 1, 16) }
    return 1
  }
}

/// Doubles the effort until the recall is reached, then halves the last step three times.
private func leastEffort(
  from least: Int, to most: Int, _ recall: Double,
  _ measured: (Int) throws(IndexError) -> IndexTuning
) throws(IndexError) -> IndexTuning {
  var (low, high) = (least - 1, min(least, most))
  var best = try measured(high)
  while best.recall < recall, high < most {
    (low, high) = (high, min(2 * high, most))
    best = try measured(high)
  }
  guard best.recall >= recall else { return best }
  for _ in 0..<3 where high - low > max(1, low / 8) {
    let middle = (low + high) / 2
    let tuning = try measured(middle)
    if tuning.recall >= recall { (high, best) = (middle, tuning) } else { low = middle }
  }
  return best
}
