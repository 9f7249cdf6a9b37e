/// How often an answer stands in one of the first passages: DPR's top-k retrieval accuracy
/// (Karpukhin et al., EMNLP 2020, §5.1).
public struct AnswerAccuracy: Sendable, Equatable {
  /// The cut-offs of the paper.
  public static let cutoffs = [1, 5, 20, 100]

  /// Cut-off → share of the questions that have a passage with an answer among the first so many.
  public let accuracy: [Int: Double]
  /// Question id → rank, from 1, of the first passage with an answer; nil when none of those looked
  /// at has one.
  public let firstRanks: [String: Int?]

  /// Looks through a run.
  ///
  /// - Parameters:
  ///   - run: the answers, ranked as `rules` say.
  ///   - questions: the ids to count; those without answers in the run count as misses.
  ///   - cutoffs: from 1; passages beyond the largest are not looked at.
  ///   - holds: whether a passage's text holds an answer to a question. Asked in the order of
  ///     ranks, until it says yes.
  /// - Throws: `EvaluationError` when there is no question or a cut-off is below 1, or for a run
  ///   that cannot be ranked; what `holds` throws.
  public init(
    of run: Run, questions: [String], cutoffs: [Int] = AnswerAccuracy.cutoffs,
    rules: EvaluationRules = EvaluationRules(),
    holds: (_ question: String, _ passage: String) throws -> Bool
  ) throws {
    guard !questions.isEmpty, cutoffs.allSatisfy({ $0 >= 1 }) else {
      throw EvaluationError(
        .invalidArgument, "answer match needs at least one question, and cut-offs from 1")
    }
    let depth = cutoffs.max() ?? 0
    var ranks: [String: Int?] = [:]
    for question in questions {
      let ranked = try rankedHits(run.results[question] ?? [], query: question, rules: rules)
        .filter { !(rules.ignoresIdenticalIDs && $0.id == question) }.prefix(depth)
      let first = try ranked.firstIndex { try holds(question, $0.id) }
      ranks.updateValue(first.map { $0 + 1 }, forKey: question)
    }
    firstRanks = ranks
    accuracy = Dictionary(
      cutoffs.map { k in
        (k, Double(ranks.values.count { $0.map { $0 <= k } ?? false }) / Double(ranks.count))
      }, uniquingKeysWith: { first, _ in first })
  }
}
