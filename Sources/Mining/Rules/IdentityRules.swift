/// The rules about who a passage is, as they stand for one query.
struct IdentityRules {
  private let passageCount: Int
  private let includesPositives: Bool
  private let positives: [Int]
  private let positiveKeys: [TextKey]
  private let ownRow: Int?
  private let ownKey: TextKey?
  private let identity: @Sendable (Int) throws -> PassageIdentity?
  private var seenRows: Set<Int> = []
  private var seenKeys: Set<TextKey> = []

  init(
    _ query: MiningQuery, passageCount: Int, includesPositives: Bool,
    identity: @escaping @Sendable (Int) throws -> PassageIdentity?
  ) rethrows {
    self.passageCount = passageCount
    self.includesPositives = includesPositives
    self.identity = identity
    positives = query.positives
    positiveKeys = try query.positives.compactMap { try identity($0)?.whole }
    ownRow = query.ownRow
    ownKey = query.textKey
  }

  func isPositive(_ row: Int) -> Bool { positives.contains(row) }

  /// The rule that removes the passage at `row`; it counts as seen from now on.
  mutating func firstRule(against row: Int) throws -> RemovalRule? {
    guard (0..<passageCount).contains(row) else { return .notAPassage }
    let isPositive = isPositive(row)
    if isPositive, !includesPositives { return .positive }
    let identity = try identity(row)
    if !isPositive {
      if let identity, positiveKeys.contains(identity.whole) { return .positiveDuplicate }
      if row == ownRow || isOwn(identity) { return .ownText }
    }
    return see(row, identity) ? nil : .repeated
  }

  /// Nothing counts as seen but these, which a former list of candidates gave.
  mutating func restart(seeing picked: [HardNegative]) throws {
    seenRows = []
    seenKeys = []
    for negative in picked { _ = see(negative.row, try identity(negative.row)) }
  }

  private func isOwn(_ identity: PassageIdentity?) -> Bool {
    guard let ownKey, let identity else { return false }
    return identity.whole == ownKey || identity.text == ownKey
  }

  /// - Returns: whether neither the row nor its text was seen before.
  private mutating func see(_ row: Int, _ identity: PassageIdentity?) -> Bool {
    guard seenRows.insert(row).inserted else { return false }
    return identity.map { seenKeys.insert($0.whole).inserted } ?? true
  }
}
