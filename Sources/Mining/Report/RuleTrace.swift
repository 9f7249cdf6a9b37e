/// What the rules did to one query's candidates.
struct RuleTrace {
  /// Answers of the searches at ranks inside the ranges.
  var candidates = 0
  /// How many each rule removed, in the order they were removed.
  private(set) var removed: [RemovalRule: Int] = [:]
  /// Rows of what rules on scores, copies or answers removed: not to be drawn at random.
  private(set) var removedRows: Set<Int> = []
  /// The first of those removed, when they are to be shown.
  private(set) var shown: [(negative: HardNegative, rule: RemovalRule)] = []
  private(set) var answers = MiningReport.AnswerCounts()
  /// Whether the report shows this query in full.
  let isExample: Bool

  static let mostShown = 8

  init(isExample: Bool) { self.isExample = isExample }

  mutating func remove(_ candidate: HardNegative, by rule: RemovalRule) {
    removed[rule, default: 0] += 1
    removedRows.insert(candidate.row)
    guard isExample, shown.count < Self.mostShown else { return }
    // Those say nothing that the lists beside them do not say.
    if ![.positive, .notAPassage, .repeated].contains(rule) { shown.append((candidate, rule)) }
  }

  mutating func answer(_ holds: Bool, isKept: Bool) {
    answers.checked += 1
    if holds { answers.matched += 1 }
    if isKept { answers.kept += 1 }
    if isKept, holds { answers.keptMatched += 1 }
  }
}
