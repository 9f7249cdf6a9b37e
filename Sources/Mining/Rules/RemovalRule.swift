/// Why a candidate did not become a negative; each counts for the first that applies, in this
/// order.
///
/// The last three cost most and are asked only of candidates that are about to be picked, so their
/// counts are of those.
public enum RemovalRule: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  /// The index's padding (FAISS answers -1 when it runs out) or a row without a passage.
  case notAPassage
  /// One of the query's positives.
  case positive
  /// The same title and text as one of the positives.
  case positiveDuplicate
  /// The query itself: its own row, or the same text, with or without the passage's title.
  case ownText
  /// The same passage or text as a better ranked candidate, or one picked from another source.
  case repeated
  /// Below the score wanted at least.
  case minimumScore
  /// Above the score allowed at most.
  case maximumScore
  /// Too near the positive, by difference.
  case absoluteMargin
  /// Too near the positive, by share of its score.
  case relativeMargin
  /// Without a score of the second scorer.
  case crossMissing
  /// As the four above, by the second scorer.
  case crossMinimumScore, crossMaximumScore, crossAbsoluteMargin, crossRelativeMargin
  /// Nearly the same embedding as a positive.
  case nearPositive
  /// Nearly the same embedding as a negative already picked.
  case nearNegative
  /// It holds an answer to the question.
  case answer
}
