public import Tensors

/// Mines hard negatives for queries whose embeddings are all at hand; see ``HardNegativeMiner``.
///
/// - Parameters:
///   - queries: what to mine for.
///   - embeddings: (queries, d), row i being that of query i, in the space of the index.
///   - ground: what to mine in.
///   - rules: what is removed and how the rest is picked.
///   - batch: queries per call of the index, at least 1; changes nothing but speed and memory.
///   - progress: told after each batch how many of the queries are done.
/// - Throws: as ``HardNegativeMiner``.
/// - Complexity: one index search per query, and O(rank range) for the rules.
public func mineHardNegatives(
  queries: [MiningQuery], embeddings: Matrix, in ground: MiningGround,
  rules: MiningRules = MiningRules(), batch: Int = 256,
  progress: ((_ done: Int, _ total: Int) -> Void)? = nil
) throws -> MiningResult {
  precondition(batch > 0, "mineHardNegatives: a batch of \(batch) queries")
  precondition(
    queries.count == embeddings.rows,
    "mineHardNegatives: \(queries.count) queries, \(embeddings.rows) embeddings")
  var miner = try HardNegativeMiner(in: ground, rules: rules)
  var mined: [MinedQuery] = []
  for start in stride(from: 0, to: queries.count, by: batch) {
    let range = start..<min(start + batch, queries.count)
    mined += try miner.mine(Array(queries[range]), embeddings: embeddings[rows: range])
    progress?(range.upperBound, queries.count)
  }
  return MiningResult(queries: mined, report: miner.report)
}
