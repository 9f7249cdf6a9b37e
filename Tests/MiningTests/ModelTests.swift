import Foundation
import Mining
import Tensors
import Testing
import VectorIndex

/// All rules against a plain model of them, on random data.
@Suite("brute force") struct ModelTests {
  /// A task with copies, own texts, several positives, answers, a second scorer and word matches.
  private struct Task {
    let passages = 40, queryCount = 12
    let embeddings, queries: Matrix
    let text: [Int], title: [Int]
    let positives: [[Int]]
    let answers: Set<Int>
    let cross: [Int: Float]
    let lexical: [[Int]]

    init(seed: UInt64) {
      var random = RandomStream(seed: seed)
      var embeddings = randomMatrix(rows: 40, columns: 6, seed: seed &+ 1)
      // Numbers in eighths, so that every way of adding gives the same score, with ties.
      for row in 0..<40 { embeddings.setRow(row, to: inEighths(embeddings.row(row))) }
      var queries = randomMatrix(rows: 12, columns: 6, seed: seed &+ 2)
      for row in 0..<12 { queries.setRow(row, to: inEighths(queries.row(row))) }
      func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &random) }
      (self.embeddings, self.queries) = (embeddings, queries)
      text = (0..<40).map { _ in number(0..<25) }
      title = (0..<40).map { _ in number(0..<2) }
      positives = (0..<12).map { _ in
        Set((0..<number(0..<3)).map { _ in number(0..<40) }).sorted()
      }
      answers = Set((0..<6).map { _ in number(0..<40) })
      cross = Dictionary(
        (0..<30).map { _ in (number(0..<40), Float(number(0..<9)) / 4) },
        uniquingKeysWith: { first, _ in first })
      lexical = (0..<12).map { _ in (0..<8).map { _ in number(-1..<42) } }
    }

    /// Query q's text is number q; a title of 0 is none.
    func identity(_ row: Int) -> PassageIdentity {
      let plain = key("\(text[row])")
      return title[row] == 0
        ? PassageIdentity(plain)
        : PassageIdentity(whole: key("\(title[row]) \(text[row])"), text: plain)
    }

    func score(_ query: Int, _ row: Int) -> Float {
      zip(queries.row(query), embeddings.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
    }

    func cosine(_ a: Int, _ b: Int) -> Double {
      func product(_ a: Int, _ b: Int) -> Double {
        zip(embeddings.row(a), embeddings.row(b)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      }
      return product(a, b) / (product(a, a) * product(b, b)).squareRoot()
    }
  }

  private func rules(seed: UInt64) -> MiningRules {
    var random = RandomStream(seed: seed, stream: 9)
    func maybe(_ value: Float) -> Float? { Bool.random(using: &random) ? value : nil }
    var rules = MiningRules()
    let first = Int.random(in: 0..<4, using: &random)
    rules.rankRange = first..<first + Int.random(in: 1..<45, using: &random)
    rules.lexicalRankRange = 1..<7
    rules.negativesPerQuery = Int.random(in: 1..<6, using: &random)
    rules.lexicalNegatives = Int.random(in: 0..<3, using: &random)
    rules.absoluteMargin = maybe(0.125)
    rules.relativeMargin = maybe(0.3)
    rules.minimumScore = maybe(-1.5)
    rules.maximumScore = maybe(1.5)
    rules.cross = ScoreBounds(absoluteMargin: maybe(0.25), maximumScore: maybe(1.75))
    rules.marginAnchor = Bool.random(using: &random) ? .bestPositive : .worstPositive
    rules.unscored = Bool.random(using: &random) ? .drop : .keep
    rules.nearDuplicate = maybe(0.9)
    rules.dropsAnswers = Bool.random(using: &random)
    rules.includesPositives = Int.random(in: 0..<4, using: &random) == 0
    return rules
  }

  @Test("top negatives are the model's", arguments: 1...60)
  func top(seed: UInt64) throws {
    let (task, rules) = (Task(seed: seed), rules(seed: seed))
    let result = try mined(task, rules, batch: Int(seed % 13) + 1)
    for query in 0..<task.queryCount {
      let expected = model(task, rules, query)
      #expect(result.queries[query].negatives.map { [$0.row, $0.rank, $0.source == .dense ? 0 : 1] }
        == expected, "query \(query)")
    }
    let random = try [1, 5, 12].map { batch in
      var rules = rules
      rules.sampling = .softmax(temperature: 0.3)
      rules.shortage = .fillRandom
      return try mined(task, rules, batch: batch)
    }
    #expect(random[0].queries == random[1].queries && random[1].queries == random[2].queries)
    #expect(random[0].report == random[2].report)
  }

  private func mined(_ task: Task, _ rules: MiningRules, batch: Int) throws -> MiningResult {
    var ground = MiningGround(
      passageEmbeddings: task.embeddings, index: try ExactIndex(task.embeddings),
      identity: task.identity)
    ground.holdsAnswer = { query, row in query % 3 == 0 ? nil : task.answers.contains(row) }
    ground.crossScore = { _, row in task.cross[row] }
    ground.lexical = { queries, depth in
      queries.map { task.lexical[$0].prefix(depth).map { Neighbor(row: $0, score: 0) } }
    }
    return try mineHardNegatives(
      queries: (0..<task.queryCount).map {
        MiningQuery(id: "q\($0)", textKey: key("\($0)"), positives: task.positives[$0])
      }, embeddings: task.queries, in: ground, rules: rules, batch: batch)
  }

  /// Row, rank and source (0 the index) of each negative, written down without thought of speed.
  private func model(_ task: Task, _ rules: MiningRules, _ query: Int) -> [[Int]] {
    let positives = task.positives[query]
    if positives.isEmpty { return [] }
    let ranked = (0..<task.passages).sorted {
      (-task.score(query, $0), $0) < (-task.score(query, $1), $1)
    }
    // The lexical search's unknown rows are no passages and have no rank.
    let lexical = task.lexical[query].prefix(rules.lexicalRankRange.upperBound).filter {
      (0..<task.passages).contains($0)
    }
    var picked: [[Int]] = []
    for (source, (list, ranks, count)) in [
      (ranked, rules.rankRange, rules.negativesPerQuery),
      (Array(lexical), rules.lexicalRankRange, rules.lexicalNegatives),
    ].enumerated() {
      var seen = picked.map { $0[0] }
      var here = 0
      for (rank, row) in list.enumerated() where ranks.contains(rank) {
        guard isCandidate(task, rules, query, row, seen) else { continue }
        let isNew = !seen.contains { task.identity($0).whole == task.identity(row).whole }
        seen.append(row)
        guard isNew, passesScores(task, rules, query, row), here < count,
          passesCopiesAndAnswers(task, rules, query, row, picked.map { $0[0] })
        else { continue }
        picked.append([row, rank, source])
        here += 1
      }
    }
    return picked
  }

  private func isCandidate(
    _ task: Task, _ rules: MiningRules, _ query: Int, _ row: Int, _ seen: [Int]
  ) -> Bool {
    let positives = task.positives[query]
    if positives.contains(row) { return rules.includesPositives && !seen.contains(row) }
    if positives.contains(where: { task.identity($0).whole == task.identity(row).whole }) {
      return false
    }
    return task.identity(row).text != key("\(query)") && !seen.contains(row)
  }

  private func passesScores(
    _ task: Task, _ rules: MiningRules, _ query: Int, _ row: Int
  ) -> Bool {
    let positives = task.positives[query]
    if positives.contains(row) { return true }
    func anchor(_ scores: [Float]) -> Float? {
      rules.marginAnchor == .bestPositive ? scores.max() : scores.min()
    }
    func passes(_ bounds: ScoreBounds, _ score: Float, _ positive: Float?) -> Bool {
      if let least = bounds.minimumScore, score < least { return false }
      if let most = bounds.maximumScore, score > most { return false }
      guard let positive else { return true }
      if let margin = bounds.absoluteMargin, score > positive - margin { return false }
      if let margin = bounds.relativeMargin, score > positive - abs(positive) * margin {
        return false
      }
      return true
    }
    let dense = ScoreBounds(
      absoluteMargin: rules.absoluteMargin, relativeMargin: rules.relativeMargin,
      minimumScore: rules.minimumScore, maximumScore: rules.maximumScore)
    guard
      passes(dense, task.score(query, row), anchor(positives.map { task.score(query, $0) }))
    else { return false }
    guard let cross = task.cross[row] else { return rules.unscored == .keep }
    let known = anchor(positives.compactMap { task.cross[$0] })
    if known == nil, rules.cross.absoluteMargin != nil, rules.unscored == .drop { return false }
    return passes(rules.cross, cross, known)
  }

  private func passesCopiesAndAnswers(
    _ task: Task, _ rules: MiningRules, _ query: Int, _ row: Int, _ picked: [Int]
  ) -> Bool {
    let positives = task.positives[query]
    if positives.contains(row) { return true }
    if let bound = rules.nearDuplicate {
      let others = positives + picked.filter { !positives.contains($0) }
      if others.contains(where: { task.cosine($0, row) > Double(bound) }) { return false }
    }
    return query % 3 == 0 || !rules.dropsAnswers || !task.answers.contains(row)
  }
}

private func inEighths(_ row: [Float]) -> [Float] { row.map { ($0 * 8).rounded() / 8 } }
