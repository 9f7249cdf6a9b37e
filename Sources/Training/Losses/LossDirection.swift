/// Who looks for whom in a softmax of the objective.
enum LossDirection: String, Sendable, Codable, CaseIterable {
  /// Queries look for their positives among all passages.
  case queries
  /// Positives look for their queries among all queries; negatives take no part.
  case passages
}
