internal import Tensors
internal import VectorIndex

/// The mining of one query: cheap rules sift all candidates, costly ones those about to be picked.
struct QueryMining {
  private(set) var trace: RuleTrace

  private let query: MiningQuery
  private let place: Int
  /// (1, d).
  private let embedding: Matrix
  private let positiveScores: [Float]
  private let ground: MiningGround
  private let rules: MiningRules
  private let scoreRules: ScoreRules
  private var identity: IdentityRules
  private var nearCopies: NearCopies?

  init(
    _ query: MiningQuery, place: Int, embedding: Matrix, positiveScores: [Float],
    ground: MiningGround, rules: MiningRules, isExample: Bool
  ) throws {
    (self.query, self.place, self.positiveScores) = (query, place, positiveScores)
    self.embedding = embedding
    (self.ground, self.rules) = (ground, rules)
    trace = RuleTrace(isExample: isExample)
    scoreRules = try ScoreRules(
      query, positiveScores: positiveScores, rules: rules, crossScore: ground.crossScore)
    identity = try IdentityRules(
      query, passageCount: ground.passageEmbeddings.rows,
      includesPositives: rules.includesPositives, identity: ground.identity)
    nearCopies = rules.nearDuplicate.map {
      NearCopies(bound: $0, embeddings: ground.passageEmbeddings, positives: query.positives)
    }
  }

  /// - Throws: `MiningError.tooFewNegatives`; what the ground's closures throw.
  mutating func mine(_ found: FoundCandidates, keepsCandidates: Bool) throws -> MinedQuery {
    var mined = MinedQuery(query: place, positiveScores: positiveScores, negatives: [])
    // Without a positive nothing says what a negative would be.
    if positiveScores.isEmpty { return mined }
    let dense = try sift(found.dense, rules.rankRange, .dense)
    mined.negatives = try pick(rules.negativesPerQuery, of: dense, .dense)
    try identity.restart(seeing: mined.negatives)
    let lexical = try sift(found.lexical, rules.lexicalRankRange, .bm25)
    mined.negatives += try pick(rules.lexicalNegatives, of: lexical, .bm25)
    if keepsCandidates { mined.candidates = dense + lexical }
    try settle(&mined, dense + lexical)
    return mined
  }

  /// The answers at ranks inside the range that no cheap rule removes, by ascending rank.
  private mutating func sift(
    _ answers: [Neighbor], _ ranks: Range<Int>, _ source: CandidateSource
  ) throws -> [HardNegative] {
    let ranks = ranks.clamped(to: 0..<answers.count)
    trace.candidates += ranks.count
    var kept: [HardNegative] = []
    for rank in ranks {
      var candidate = HardNegative(
        row: answers[rank].row, rank: rank, score: answers[rank].score, source: source)
      if let rule = try firstCheapRule(against: &candidate) {
        trace.remove(candidate, by: rule)
      } else {
        kept.append(candidate)
      }
    }
    return kept
  }

  private mutating func firstCheapRule(
    against candidate: inout HardNegative
  ) throws -> RemovalRule? {
    if let rule = try identity.firstRule(against: candidate.row) { return rule }
    candidate.isPositive = identity.isPositive(candidate.row)
    return try scoreRules.firstRule(against: &candidate)
  }

  /// Up to `count` of the candidates that pass the costly rules, by ascending rank.
  private mutating func pick(
    _ count: Int, of candidates: [HardNegative], _ source: CandidateSource
  ) throws -> [HardNegative] {
    let random = randomStream(seed: rules.seed, query: query.id, for: source)
    var picked: [HardNegative] = []
    for i in rules.sampling.order(of: candidates, random: random) {
      if picked.count == count { break }
      if let rule = try firstCostlyRule(against: candidates[i]) {
        trace.remove(candidates[i], by: rule)
      } else {
        picked.append(candidates[i])
      }
    }
    return picked.sorted { $0.rank < $1.rank }
  }

  private mutating func firstCostlyRule(against candidate: HardNegative) throws -> RemovalRule? {
    if candidate.isPositive { return nil }
    if let rule = nearCopies?.pick(candidate.row) { return rule }
    guard let answered = try ground.holdsAnswer?(place, candidate.row) else { return nil }
    trace.answer(answered, isKept: !(answered && rules.dropsAnswers))
    return answered && rules.dropsAnswers ? .answer : nil
  }

  /// What happens when there are too few.
  private mutating func settle(_ mined: inout MinedQuery, _ candidates: [HardNegative]) throws {
    let missing = rules.wanted - mined.negatives.count
    if missing <= 0 { return }
    switch rules.shortage {
    case .fewer: return
    case .drop:
      mined.isDropped = true
      mined.negatives = []
    case .fail:
      throw MiningError(
        .tooFewNegatives,
        "query \"\(query.id)\": \(mined.negatives.count) of \(rules.wanted) negatives; widen the "
          + "ranks, loosen a rule, or let such queries have fewer, be dropped, or be filled up")
    case .fillRandom: mined.negatives += try fill(missing, besides: mined.negatives)
    }
  }

  /// Random passages that are not known to answer the query.
  private mutating func fill(
    _ count: Int, besides picked: [HardNegative]
  ) throws -> [HardNegative] {
    try identity.restart(seeing: picked)
    var filled: [HardNegative] = []
    var draws = RandomRows(
      below: ground.passageEmbeddings.rows,
      random: randomStream(seed: rules.seed, query: query.id, for: .random))
    while filled.count < count, let row = draws.next() {
      if ground.parameters.excludedRows.contains(row) || trace.removedRows.contains(row) {
        continue
      }
      var candidate = HardNegative(row: row, rank: -1, score: 0, source: .random)
      if try identity.firstRule(against: row) != nil || identity.isPositive(row) { continue }
      if try firstCostlyRule(against: candidate) != nil { continue }
      candidate.score = innerProducts(embedding, ground.passageEmbeddings, rows: [row])[0]
      candidate.crossScore = try ground.crossScore?(query.id, row)
      filled.append(candidate)
    }
    return filled
  }
}
