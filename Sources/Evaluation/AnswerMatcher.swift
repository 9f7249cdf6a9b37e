/// Says whether passages hold answers, as DPR counts them: the answer's tokens stand one after
/// another among the passage's.
///
/// Texts are decomposed (NFD), cut into runs of letters, digits and marks and into single signs,
/// and put into lower case (Karpukhin et al., EMNLP 2020; `dpr/data/qa_validation.py`). An answer
/// without tokens, which there matches every passage, matches none here.
///
/// Answers are compiled once into numbers of words; a passage's tokens become the same numbers, so
/// that looking for many answers in a passage costs one reading of its text.
public struct AnswerMatcher: Sendable {
  /// Answers to one question, ready to be looked for.
  public struct Answers: Sendable, Equatable {
    fileprivate let patterns: [[Int32]]

    /// Whether nothing can match.
    public var isEmpty: Bool { patterns.isEmpty }
  }

  /// The tokens of a passage, ready to be searched; of use to the matcher that made them.
  public struct Tokens: Sendable, Equatable {
    fileprivate let numbers: [Int32]

    /// Bytes held.
    public var byteCount: Int { numbers.count * MemoryLayout<Int32>.stride }
  }

  /// Numbers of the words that stand in answers.
  private var vocabulary: [String: Int32] = [:]

  /// A matcher that knows no answer yet.
  public init() {}

  /// Prepares the answers to a question. Tokens of passages that were made before know nothing of
  /// words that are new in them.
  public mutating func compile(_ answers: [String]) -> Answers {
    Answers(
      patterns: answers.map { answer in
        var pattern: [Int32] = []
        forEachAnswerToken(of: answer) { pattern.append(number(of: $0)) }
        return pattern
      }.filter { !$0.isEmpty })
  }

  /// Prepares a passage. Only its text is searched by DPR's rule, not its title.
  public func tokens(of text: String) -> Tokens {
    var numbers: [Int32] = []
    forEachAnswerToken(of: text) { numbers.append(vocabulary[$0] ?? -1) }
    return Tokens(numbers: numbers)
  }

  /// Whether one of the answers stands in the passage.
  public func matches(_ answers: Answers, in passage: Tokens) -> Bool {
    answers.patterns.contains { stands($0, in: passage.numbers) }
  }

  private mutating func number(of word: String) -> Int32 {
    if let number = vocabulary[word] { return number }
    let number = Int32(vocabulary.count)
    vocabulary[word] = number
    return number
  }

  private func stands(_ pattern: [Int32], in text: [Int32]) -> Bool {
    guard text.count >= pattern.count else { return false }
    for start in 0...(text.count - pattern.count) where text[start] == pattern[0] {
      if pattern.indices.allSatisfy({ text[start + $0] == pattern[$0] }) { return true }
    }
    return false
  }
}

/// Whether one of a question's answers stands in a text; see ``AnswerMatcher`` for many at once.
public func holdsAnswer(_ answers: [String], in text: String) -> Bool {
  var matcher = AnswerMatcher()
  let compiled = matcher.compile(answers)
  return matcher.matches(compiled, in: matcher.tokens(of: text))
}
