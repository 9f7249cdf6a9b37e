/// What a retriever answered: for each query, scored passages.
public struct Run: Sendable {
  /// Query id → answers. Their order does not matter under the default rules: they are ranked by
  /// score (see ``EvaluationRules/ties``).
  public var results: [String: [(id: String, score: Double)]]

  /// A run of these answers.
  public init(results: [String: [(id: String, score: Double)]] = [:]) {
    self.results = results
  }
}
