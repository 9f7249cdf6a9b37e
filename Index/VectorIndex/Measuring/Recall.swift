public import Tensors

/// The share of the true neighbours that were found, over all queries (recall@k against exact
/// search, as ANN benchmarks count it).
///
/// - Parameters:
///   - found: what an index answered, a list per query.
///   - truth: what exact search answers, as many lists; of each the first `k` count.
/// - Returns: 1 when there is nothing to find.
public func neighborRecall(_ found: [[Neighbor]], of truth: [[Neighbor]], k: Int) -> Double {
  precondition(found.count == truth.count, "\(found.count) answers to \(truth.count) queries")
  var (hits, all) = (0, 0)
  for (found, truth) in zip(found, truth) {
    let rows = Set(truth.prefix(k).map(\.row))
    hits += found.prefix(k).count { rows.contains($0.row) }
    all += rows.count
  }
  return all > 0 ? Double(hits) / Double(all) : 1
}
