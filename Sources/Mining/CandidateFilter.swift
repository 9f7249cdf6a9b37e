internal import Tensors

/// The rules as they stand for one query.
struct CandidateFilter {
  private let rules: MiningRules
  private let passageCount: Int
  private let positiveRows: Set<Int>
  private let positiveHashes: Set<String>
  private let ownRow: Int?
  private let ownHash: String
  private let lowestPositive: Float
  private var seenRows: Set<Int> = []
  private var seenHashes: Set<String> = []

  /// - Parameters:
  ///   - positiveScores: one for each of the query's positives; not empty.
  ///   - textHash: a passage row's text hash, `nil` or empty when not known.
  init(
    _ query: MiningQuery, positiveScores: [Float], rules: MiningRules, passageCount: Int,
    textHash: (Int) throws -> String?
  ) rethrows {
    self.rules = rules
    self.passageCount = passageCount
    positiveRows = Set(query.positives)
    positiveHashes = Set(try query.positives.compactMap(textHash)).subtracting([""])
    ownRow = query.ownRow
    ownHash = query.textHash
    lowestPositive = positiveScores.min() ?? .infinity
  }

  /// The answers at ranks inside the range that no rule removes, by ascending rank; calls `removed`
  /// for each of the others.
  mutating func sift(
    _ answers: [Neighbor], textHash: (Int) throws -> String?, removed: (RemovalRule) -> Void
  ) rethrows -> [HardNegative] {
    var kept: [HardNegative] = []
    for rank in rules.rankRange.clamped(to: 0..<answers.count) {
      let answer = answers[rank]
      if let rule = try firstRule(against: answer, textHash: textHash) {
        removed(rule)
      } else {
        kept.append(HardNegative(row: answer.row, rank: rank, score: answer.score))
      }
    }
    return kept
  }

  private mutating func firstRule(
    against answer: Neighbor, textHash: (Int) throws -> String?
  ) rethrows -> RemovalRule? {
    guard (0..<passageCount).contains(answer.row) else { return .notAPassage }
    if positiveRows.contains(answer.row) { return .positive }
    let hash = try textHash(answer.row) ?? ""
    if positiveHashes.contains(hash) { return .positiveDuplicate }
    if answer.row == ownRow || (!hash.isEmpty && hash == ownHash) { return .ownText }
    if isRepeated(answer.row, hash) { return .repeated }
    return scoreRule(against: answer.score)
  }

  private mutating func isRepeated(_ row: Int, _ hash: String) -> Bool {
    if !seenRows.insert(row).inserted { return true }
    return !hash.isEmpty && !seenHashes.insert(hash).inserted
  }

  private func scoreRule(against score: Float) -> RemovalRule? {
    if let least = rules.minimumScore, score < least { return .minimumScore }
    if let most = rules.maximumScore, score > most { return .maximumScore }
    if let margin = rules.absoluteMargin, score > lowestPositive - margin { return .absoluteMargin }
    if let margin = rules.relativeMargin, score > lowestPositive - abs(lowestPositive) * margin {
      return .relativeMargin
    }
    return nil
  }
}
