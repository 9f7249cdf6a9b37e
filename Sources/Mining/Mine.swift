public import Tensors
public import VectorIndex

/// Mines hard negatives: passages the index ranks high for a query and that no rule removes.
///
/// Identity is the passage row, never its text. For each query the index's first
/// `rules.rankRange.upperBound` answers are sifted by ``MiningRules`` and ``RemovalRule``, and up
/// to `rules.negativesPerQuery` of the rest are picked. The outcome for a query depends on the
/// query, the index and the rules, not on the other queries, their order, or `batch` (but for the
/// last bits of scores, where the index's sums depend on how many queries it is asked at once).
/// - Parameters:
///   - queries: what to mine for.
///   - queryEmbeddings: (any, d), in the space of the index.
///   - passageEmbeddings: (passages, d), row by passage row; read for the positives' scores.
///   - index: answers by inner product, its rows being passage rows.
///   - passageTextHashes: the text hash of a passage row; `nil` when not known.
///   - rules: what is removed and how the rest is picked.
///   - parameters: handed to the index.
///   - batch: queries per call of the index, at least 1.
///   - progress: told after each batch how many of the queries are done.
/// - Throws: `MiningError` when a rule cannot be followed, extents or rows do not fit, or an
///   embedding or score is not finite; what the index and `passageTextHashes` throw.
/// - Complexity: one index search per query, and O(rank range) for the rules.
public func mineHardNegatives(
  queries: [MiningQuery], queryEmbeddings: Matrix, passageEmbeddings: Matrix,
  index: any VectorIndex, passageTextHashes: (Int) throws -> String?,
  rules: MiningRules = MiningRules(), parameters: SearchParameters = SearchParameters(),
  batch: Int = 256, progress: ((_ done: Int, _ total: Int) -> Void)? = nil
) throws -> MiningResult {
  precondition(batch > 0, "mineHardNegatives: a batch of \(batch) queries")
  try rules.check()
  let miner = Miner(
    queryEmbeddings: queryEmbeddings, passageEmbeddings: passageEmbeddings, index: index,
    rules: rules, parameters: parameters)
  try miner.check(queries)
  var result = MiningResult(queries: [], report: MiningReport())
  for start in stride(from: 0, to: queries.count, by: batch) {
    let range = start..<min(start + batch, queries.count)
    try miner.mine(queries, range, textHash: passageTextHashes, into: &result)
    progress?(range.upperBound, queries.count)
  }
  result.report.summarize(result.queries)
  return result
}

private struct Miner {
  let queryEmbeddings, passageEmbeddings: Matrix
  let index: any VectorIndex
  let rules: MiningRules
  let parameters: SearchParameters

  /// Everything that can be wrong with the arguments, before any search.
  func check(_ queries: [MiningQuery]) throws(MiningError) {
    try checkColumns("query", queryEmbeddings.columns)
    try checkColumns("passage", passageEmbeddings.columns)
    for query in queries {
      guard (0..<queryEmbeddings.rows).contains(query.embeddingRow) else {
        throw MiningError(
          .invalidArgument,
          "query \"\(query.id)\": embedding row \(query.embeddingRow) of \(queryEmbeddings.rows)")
      }
      if let row = query.positives.first(where: { !(0..<passageEmbeddings.rows).contains($0) }) {
        throw MiningError(
          .invalidArgument,
          "query \"\(query.id)\": positive row \(row) of \(passageEmbeddings.rows) passages")
      }
    }
  }

  private func checkColumns(_ side: String, _ columns: Int) throws(MiningError) {
    guard columns == index.dimension else {
      throw MiningError(
        .invalidArgument,
        "\(side) embeddings have \(columns) dimensions, the index has \(index.dimension)")
    }
  }

  func mine(
    _ queries: [MiningQuery], _ range: Range<Int>, textHash: (Int) throws -> String?,
    into result: inout MiningResult
  ) throws {
    let embeddings = queryEmbeddings.gathering(queries[range].map(\.embeddingRow))
    if let bad = embeddings.firstNonFinite() {
      throw MiningError(
        .notFinite,
        "query \"\(queries[range.lowerBound + bad.row].id)\": its embedding is not finite; "
          + "encode it again"
      )
    }
    let positiveScores = try scores(of: queries[range], embeddings)
    let answers = try index.search(
      embeddings, k: rules.rankRange.upperBound, parameters: parameters)
    precondition(
      answers.count == range.count, "the index answered \(answers.count) of \(range.count)")
    for (offset, number) in range.enumerated() {
      let negatives = try negatives(
        of: queries[number], answers[offset], positiveScores[offset], textHash, &result.report)
      let mined = MinedQuery(
        query: number, positiveScores: positiveScores[offset], negatives: negatives)
      result.report.add(mined, wanted: rules.negativesPerQuery)
      result.queries.append(mined)
    }
  }

  private func negatives(
    of query: MiningQuery, _ answers: [Neighbor], _ positiveScores: [Float],
    _ textHash: (Int) throws -> String?, _ report: inout MiningReport
  ) throws -> [HardNegative] {
    if positiveScores.isEmpty { return [] }
    if answers.contains(where: { $0.row >= 0 && !$0.score.isFinite }) {
      throw MiningError(
        .notFinite,
        "query \"\(query.id)\": the index answered a score that is not finite; rebuild it")
    }
    var filter = try CandidateFilter(
      query, positiveScores: positiveScores, rules: rules, passageCount: passageEmbeddings.rows,
      textHash: textHash)
    report.candidates += rules.rankRange.clamped(to: 0..<answers.count).count
    let kept = try filter.sift(answers, textHash: textHash) { report.removed[$0, default: 0] += 1 }
    return rules.sampling.pick(
      rules.negativesPerQuery, of: kept, seed: rules.seed, query: query.id)
  }

  /// Inner product of each query (row of `embeddings`) with each of its positives.
  private func scores(
    of queries: ArraySlice<MiningQuery>, _ embeddings: Matrix
  ) throws(MiningError) -> [[Float]] {
    let pairs = queries.enumerated().flatMap { offset, query in
      query.positives.map { (query: offset, passage: $0) }
    }
    var dots = rowDots(
      embeddings.gathering(pairs.map(\.query)), passageEmbeddings.gathering(pairs.map(\.passage)))[
        ...]
    var scores: [[Float]] = []
    for query in queries {
      let own = Array(dots.prefix(query.positives.count))
      dots = dots.dropFirst(own.count)
      if let bad = own.firstIndex(where: { !$0.isFinite }) {
        throw MiningError(
          .notFinite,
          "query \"\(query.id)\": the embedding of its positive, row \(query.positives[bad]), is "
            + "not finite; encode it again")
      }
      scores.append(own)
    }
    return scores
  }
}
