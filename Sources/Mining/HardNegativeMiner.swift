public import Tensors
internal import VectorIndex

/// Mines hard negatives batch by batch: passages an index, or a lexical search, ranks high for a
/// query and that no rule removes.
///
/// Identity is the passage row, never its text. For each query the answers inside the rank range
/// are sifted by ``MiningRules`` and ``RemovalRule``, and up to the number wanted is picked from
/// the rest. The outcome for a query depends on the query, the ground and the rules, not on the
/// other queries, their order, or how they are batched (but for the last bits of scores, where the
/// index's sums depend on how many queries it is asked at once).
///
/// Memory: what one batch needs, and a report that does not grow.
public struct HardNegativeMiner {
  /// What the rules did so far.
  public var report: MiningReport { tally.report }

  private let ground: MiningGround
  private let rules: MiningRules
  private let keepsCandidates: Bool
  private let examples: Set<Int>
  private var tally = MiningTally()

  /// A miner that has mined nothing yet.
  ///
  /// - Parameters:
  ///   - ground: what to mine in.
  ///   - rules: what is removed and how the rest is picked.
  ///   - keepsCandidates: whether ``MinedQuery/candidates`` is filled.
  ///   - examples: places of the queries the report shows in full.
  /// - Throws: `MiningError` (`.invalidArgument`) when a rule cannot be followed, or the ground
  ///   does not fit together.
  public init(
    in ground: MiningGround, rules: MiningRules = MiningRules(), keepsCandidates: Bool = false,
    examples: Set<Int> = []
  ) throws(MiningError) {
    try rules.check()
    guard rules.lexicalNegatives == 0 || ground.lexical != nil else {
      throw MiningError(
        .invalidArgument, "mining rules: lexicalNegatives needs a lexical search, there is none")
    }
    self.ground = ground
    self.rules = rules
    self.keepsCandidates = keepsCandidates
    self.examples = examples
    try checkColumns("passage", ground.passageEmbeddings.columns)
  }

  /// Mines the next queries.
  ///
  /// - Parameters:
  ///   - queries: any number; their places go on where the last call ended.
  ///   - embeddings: (queries, d), in the space of the index.
  /// - Returns: one for each query, in their order.
  /// - Throws: `MiningError`: extents or rows do not fit, an embedding or score is not finite,
  ///   `.tooFewNegatives` under `ShortagePolicy.fail`; what the ground's searches and closures
  ///   throw. The miner is of no use after that.
  public mutating func mine(
    _ queries: [MiningQuery], embeddings: Matrix
  ) throws -> [MinedQuery] {
    try check(queries, embeddings)
    if queries.isEmpty { return [] }
    let first = tally.queries
    let positiveScores = try scores(of: queries, embeddings)
    let found = try search(queries, embeddings, first: first)
    let (ground, rules, examples, keepsCandidates) = (ground, rules, examples, keepsCandidates)
    let outcomes = Array(queries.indices).concurrentMap { i in
      Result {
        var one = try QueryMining(
          queries[i], place: first + i, embedding: embeddings[rows: i..<i + 1],
          positiveScores: positiveScores[i], ground: ground, rules: rules,
          isExample: examples.contains(first + i))
        let mined = try one.mine(found[i], keepsCandidates: keepsCandidates)
        return (mined: mined, trace: one.trace)
      }
    }
    return try zip(queries, outcomes).map { query, outcome in
      let (mined, trace) = try outcome.get()
      tally.add(mined, of: query, trace, wanted: rules.wanted)
      return mined
    }
  }

  /// The answers of the searches, by query.
  private func search(
    _ queries: [MiningQuery], _ embeddings: Matrix, first: Int
  ) throws -> [FoundCandidates] {
    var found = [FoundCandidates](repeating: FoundCandidates(), count: queries.count)
    if rules.negativesPerQuery > 0 {
      let answers = try ground.index.search(
        embeddings, k: rules.rankRange.upperBound, parameters: ground.parameters)
      precondition(
        answers.count == queries.count,
        "the index answered \(answers.count) of \(queries.count) queries")
      for (i, list) in answers.enumerated() {
        if list.contains(where: { $0.row >= 0 && !$0.score.isFinite }) {
          throw notFinite(queries[i], "the index answered a score that is not finite; rebuild it")
        }
        found[i].dense = list
      }
    }
    if rules.lexicalNegatives > 0, let lexical = ground.lexical {
      let answers = try lexical(
        first..<first + queries.count, rules.lexicalRankRange.upperBound)
      precondition(
        answers.count == queries.count,
        "the lexical search answered \(answers.count) of \(queries.count) queries")
      for i in queries.indices {
        found[i].lexical = rescored(answers[i], embeddings[rows: i..<i + 1])
      }
    }
    return found
  }

  /// The same passages with their inner products, so that the rules on scores hold for them, too.
  private func rescored(_ answers: [Neighbor], _ query: Matrix) -> [Neighbor] {
    let known = answers.filter { (0..<ground.passageEmbeddings.rows).contains($0.row) }
    let scores = innerProducts(query, ground.passageEmbeddings, rows: known.map(\.row))
    return zip(known, scores).map { Neighbor(row: $0.row, score: $1) }
  }

  /// Inner product of each query (row of `embeddings`) with each of its positives.
  private func scores(
    of queries: [MiningQuery], _ embeddings: Matrix
  ) throws(MiningError) -> [[Float]] {
    let pairs = queries.enumerated().flatMap { offset, query in
      query.positives.map { (query: offset, passage: $0) }
    }
    var dots = rowDots(
      embeddings.gathering(pairs.map(\.query)),
      ground.passageEmbeddings.gathering(pairs.map(\.passage)))[...]
    var scores: [[Float]] = []
    for query in queries {
      let own = Array(dots.prefix(query.positives.count))
      dots = dots.dropFirst(own.count)
      if let bad = own.firstIndex(where: { !$0.isFinite }) {
        throw notFinite(
          query, "the embedding of its positive, row \(query.positives[bad]), is not finite; "
            + "encode it again")
      }
      scores.append(own)
    }
    return scores
  }
}

extension HardNegativeMiner {
  /// Everything that can be wrong with the arguments, before any search.
  private func check(_ queries: [MiningQuery], _ embeddings: Matrix) throws(MiningError) {
    precondition(
      queries.count == embeddings.rows,
      "mine: \(queries.count) queries, \(embeddings.rows) embeddings")
    try checkColumns("query", embeddings.columns)
    let passages = ground.passageEmbeddings.rows
    for query in queries {
      if let row = query.positives.first(where: { !(0..<passages).contains($0) }) {
        throw MiningError(
          .invalidArgument,
          "query \"\(query.id)\": positive row \(row) of \(passages) passages")
      }
    }
    if let bad = embeddings.firstNonFinite() {
      throw notFinite(queries[bad.row], "its embedding is not finite; encode it again")
    }
  }

  private func checkColumns(_ side: String, _ columns: Int) throws(MiningError) {
    guard columns == ground.index.dimension else {
      throw MiningError(
        .invalidArgument,
        "\(side) embeddings have \(columns) dimensions, the index has \(ground.index.dimension)")
    }
  }

  private func notFinite(_ query: MiningQuery, _ what: String) -> MiningError {
    MiningError(.notFinite, "query \"\(query.id)\": \(what)")
  }
}

/// What the searches answered for one query.
struct FoundCandidates {
  var dense: [Neighbor] = []
  var lexical: [Neighbor] = []
}

/// Inner products of one query, (1, d), with some passages.
func innerProducts(_ query: Matrix, _ passages: Matrix, rows: [Int]) -> [Float] {
  rowDots(query.gathering([Int](repeating: 0, count: rows.count)), passages.gathering(rows))
}
