import Synchronization

/// Adds up progress that several threads make and reports the sum.
final class ProgressTally: Sendable {
  private let total: Int
  private let report: (@Sendable (EncodingProgress) -> Void)?
  private let done = Mutex((texts: 0, tokens: 0))

  init(total: Int, report: (@Sendable (EncodingProgress) -> Void)?) {
    self.total = total
    self.report = report
  }

  func add(texts: Int, tokens: Int) {
    guard let report else { return }
    let progress = done.withLock { sum in
      sum.texts += texts
      sum.tokens += tokens
      return EncodingProgress(texts: sum.texts, totalTexts: total, tokens: sum.tokens)
    }
    report(progress)
  }
}
