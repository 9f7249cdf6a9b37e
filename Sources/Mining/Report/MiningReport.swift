/// What mining did, in numbers.
public struct MiningReport: Sendable, Codable, Equatable {
  /// How often a passage held an answer, of those that were asked for it.
  public struct AnswerCounts: Sendable, Codable, Equatable {
    /// Candidates that reached the question, and those of them that hold an answer.
    public internal(set) var checked = 0, matched = 0
    /// Candidates kept after it, and those of them that hold an answer.
    public internal(set) var kept = 0, keptMatched = 0

    static func + (a: Self, b: Self) -> Self {
      var sum = a
      sum.checked += b.checked
      sum.matched += b.matched
      sum.kept += b.kept
      sum.keptMatched += b.keptMatched
      return sum
    }
  }

  /// Queries given.
  public internal(set) var queries = 0
  /// Queries without a positive: nothing says what a negative of theirs would be, so they get none.
  public internal(set) var queriesWithoutPositives = 0
  /// Queries with positives that ended with fewer negatives than asked for.
  public internal(set) var queriesShort = 0
  /// Negatives those are short of, summed.
  public internal(set) var missingNegatives = 0
  /// Queries left out because they had too few.
  public internal(set) var queriesDropped = 0
  /// Answers of the searches at ranks inside the rank ranges.
  public internal(set) var candidates = 0
  /// Candidates each rule removed; a rule that removed none is absent.
  public internal(set) var removed: [RemovalRule: Int] = [:]
  /// Negatives mined, positives that were let through included.
  public internal(set) var negatives = 0
  /// Negatives by where they were found.
  public internal(set) var sources: [CandidateSource: Int] = [:]
  /// Where the negatives' scores lie; `nil` without negatives.
  public internal(set) var negativeScores: ScoreDistribution?
  /// Where the positives' scores lie; `nil` without positives.
  public internal(set) var positiveScores: ScoreDistribution?
  /// Passages that hold an answer; `nil` when no answers were given.
  public internal(set) var answers: AnswerCounts?
  /// Some queries in full.
  public var examples: [MiningExample] = []
  /// What was mined in, in words of the caller's.
  public var ground: String?
  /// Records written, seconds taken and most memory held, as far as the caller measured them.
  public var written: Int?, seconds: Double?, peakBytes: Int?

  /// A report of nothing mined yet.
  public init() {}

  /// Share of the candidates that `rule` removed, in [0, 1].
  public func share(removedBy rule: RemovalRule) -> Double {
    candidates > 0 ? Double(removed[rule] ?? 0) / Double(candidates) : 0
  }

  /// Share of the negatives that hold an answer and so are probably none, in [0, 1]; `nil` when no
  /// answers were given.
  public var falseNegativeRate: Double? {
    answers.map { $0.kept > 0 ? Double($0.keptMatched) / Double($0.kept) : 0 }
  }
}
