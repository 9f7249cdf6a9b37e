/// Relevance judgements: for each query, the grade of each judged passage.
///
/// A grade of 1 or more is relevant (see ``EvaluationRules/relevanceThreshold``), 0 is judged and
/// not relevant, a negative one counts as unjudged.
public struct Qrels: Sendable, Equatable {
  /// Query id → passage id → grade.
  public var judgements: [String: [String: Int]]

  /// Judgements made elsewhere.
  public init(judgements: [String: [String: Int]]) {
    self.judgements = judgements
  }

  /// Number of judged (query, passage) pairs.
  public var count: Int { judgements.values.reduce(0) { $0 + $1.count } }

  /// The passages of `query` whose grade is at least `threshold`, in ascending order of their ids.
  public func relevant(to query: String, threshold: Int = 1) -> [String] {
    (judgements[query] ?? [:]).filter { $0.value >= threshold }.keys.sorted(by: precedesInBytes)
  }
}

/// Whether `a` comes before `b` in the order of their UTF-8 bytes, which is C's `strcmp`.
func precedesInBytes(_ a: String, _ b: String) -> Bool {
  a.utf8.lexicographicallyPrecedes(b.utf8)
}
