internal import Evaluation
internal import Mining
internal import Synchronization

/// Looks for answers in passages, remembering the tokens of up to 64 MiB of them. For any thread.
final class AnswerChecks: Sendable {
  private struct Known {
    var tokens: [Int: AnswerMatcher.Tokens] = [:]
    var bytes = 0
  }

  private let matcher: AnswerMatcher
  private let answers: [AnswerMatcher.Answers]
  private let passages: PassageCache
  private let known = Mutex(Known())

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
    if let tokens = known.withLock({ $0.tokens[row] }) { return tokens }
    let made = matcher.tokens(of: try passages.passage(row).text)
    known.withLock { known in
      if known.bytes > Self.mostBytes { known = Known() }
      if known.tokens.updateValue(made, forKey: row) == nil { known.bytes += made.byteCount + 64 }
    }
    return made
  }
}
