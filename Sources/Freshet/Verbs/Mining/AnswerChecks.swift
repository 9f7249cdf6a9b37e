internal import Evaluation
internal import Mining

/// Looks for answers in passages, remembering the tokens of up to 64 MiB of them.
final class AnswerChecks {
  private let matcher: AnswerMatcher
  private let answers: [AnswerMatcher.Answers]
  private let passages: PassageCache
  private var tokens: [Int: AnswerMatcher.Tokens] = [:]
  private var bytes = 0

  static let mostBytes = 64 << 20

  init(_ queries: [Query], _ answers: QueryAnswers, _ passages: PassageCache) {
    var matcher = AnswerMatcher()
    self.answers = queries.map { matcher.compile(answers.of($0)) }
    self.matcher = matcher
    self.passages = passages
  }

  /// Whether the passage at `row` answers the query at that place; nil when its answers are not
  /// known.
  func holdsAnswer(_ query: Int, _ row: Int) throws -> Bool? {
    if answers[query].isEmpty { return nil }
    return matcher.matches(answers[query], in: try tokens(of: row))
  }

  private func tokens(of row: Int) throws -> AnswerMatcher.Tokens {
    if let known = tokens[row] { return known }
    let made = matcher.tokens(of: try passages.passage(row).text)
    if bytes > Self.mostBytes {
      tokens = [:]
      bytes = 0
    }
    tokens[row] = made
    bytes += made.byteCount + 64
    return made
  }
}
