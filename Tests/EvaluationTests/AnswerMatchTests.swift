import Foundation
import TestSupport
import Testing

@testable import Evaluation

@Suite("answer match") struct AnswerMatchTests {
  private static let rows: [(answer: String, text: String, isThere: Bool)] = [
    ("Denver Broncos", "The denver BRONCOS won.", true),
    ("Denver Broncos", "The Broncos of Denver won.", false),
    ("Denver Broncos", "Denver, Broncos", false),
    ("Denver Broncos", "denver\n\u{A0} broncos", true),
    ("bronco", "The Broncos won.", false),
    ("3.5", "about 3.5 percent", true),
    ("3.5", "about 3,5 percent", false),
    ("3 . 5", "about 3.5 percent", true),
    ("$5", "it costs $5!", true),
    ("C++", "written in c++.", true),
    ("C++", "written in c+.", false),
    ("U.S.", "the u.s. army", true),
    ("don't", "I DON'T know", true),
    ("a_b", "x a_b", true),
    ("é", "caf\u{65}\u{301}", false),
    ("café", "CAFE\u{301}", true),
    ("cafe", "café", false),
    ("中文", "说中文吗", false),
    ("中文", "说 中文 吗", true),
    ("ΟΔΟΣ", "η οδος", true),
    ("ΟΔΟΣ", "η οδός", false),
    ("οδοσ", "ΟΔΟΣ", false),
    ("naïve", "so NAÏVE\u{200B}", true),
    ("ab", "a\u{200B}b", false),
    ("a b", "a\u{200B}b", true),
    ("½", "½ cup", true),
    ("😀", "well 😀", true),
    ("", "anything", false),
    (" \n\u{200B}", "anything", false),
    ("anything", "", false),
    ("b b", "a b b", true),
    ("a a b", "a a a b", true),
  ]

  @Test("the answer's tokens stand in the passage's", arguments: rows.indices)
  func rule(row: Int) {
    let (answer, text, isThere) = Self.rows[row]
    #expect(holdsAnswer([answer], in: text) == isThere, "\(answer) in \(text)")
    #expect(holdsAnswer(["", "never there", answer], in: text) == isThere)
  }

  private struct Row: Decodable {
    let text, answer: String
    let tokens: [String]
    let holds: Bool
  }

  /// Made by tools/fixtures/answers.py.
  @Test("tokens and matches are those of Python")
  func parity() throws {
    let file = fixtures.appending(path: "evaluation/answers.json")
    let rows = try JSONDecoder().decode([Row].self, from: Data(contentsOf: file))
    #expect(rows.count == 600)
    for row in rows {
      var tokens: [String] = []
      forEachAnswerToken(of: row.text) { tokens.append($0) }
      // Compared by code points: Swift holds composed and decomposed letters for equal.
      #expect(
        tokens.map { Array($0.unicodeScalars) } == row.tokens.map { Array($0.unicodeScalars) },
        "\(row.text.debugDescription)")
      #expect(
        holdsAnswer([row.answer], in: row.text) == row.holds,
        "\(row.answer.debugDescription) in \(row.text.debugDescription)")
    }
  }

  @Test("one matcher serves many questions")
  func many() {
    var matcher = AnswerMatcher()
    let compiled = Self.rows.map { matcher.compile([$0.answer]) }
    for (row, answers) in zip(Self.rows, compiled) {
      #expect(matcher.matches(answers, in: matcher.tokens(of: row.text)) == row.isThere)
      #expect(answers.isEmpty == row.answer.allSatisfy { " \n\u{200B}".contains($0) })
    }
    #expect(!matcher.matches(matcher.compile([]), in: matcher.tokens(of: "x")))
  }
}
