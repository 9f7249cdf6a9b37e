import Testing

@testable import Encoder

@Suite("Steps of pipelines")
struct PipelineStepTests {
  @Test(
    "expressions that are read, and what they find",
    arguments: [
      (" {2,}", "a  b c", ["  "]), ("\\s+", "a \t\u{3000}b ", [" \t\u{3000}", " "]),
      ("x{2}", "xxxxx", ["xx", "xx"]),
      ("x{2,3}", "xxxxxxx", ["xxx", "xxx"]), ("é+", "aéé", ["éé"]),
      ("\\.", "a.b..", [".", ".", "."]), ("-", "", []),
    ])
  func expressions(expression: String, text: String, expected: [String]) throws {
    let pattern = try #require(TextPattern(expression: expression))
    let bytes = Array(text.utf8)
    let found = pattern.matches(in: bytes, 0..<bytes.count)
    let words = found.filter(\.isMatch).map { String(decoding: bytes[$0.range], as: UTF8.self) }
    #expect(words == expected)
    #expect(found.flatMap { Array(bytes[$0.range]) } == bytes, "all of the text is there")
  }

  @Test(
    "other expressions are not read",
    arguments: [
      "", "[a-z]", "a|b", "(a)", "ab", ".", "^a", "a$", "a*", "a?", "x{,2}", "x{2,1}", "x{0,}",
      "\\w", "\\", "x{2}+",
    ])
  func otherExpressions(expression: String) {
    #expect(TextPattern(expression: expression) == nil)
  }

  @Test(
    "delimiters go where the behavior says",
    arguments: [
      (SplitBehavior.removed, ["a", "b"]), (.isolated, ["a", "-", "-", "b", "-"]),
      (.mergedWithPrevious, ["a-", "-", "b-"]), (.mergedWithNext, ["a", "-", "-b", "-"]),
      (.contiguous, ["a", "--", "b", "-"]),
    ])
  func behaviors(behavior: SplitBehavior, expected: [String]) {
    var pieces = TextPieces(Array("a--b-".utf8), startsText: true)
    pieces.split(behavior) { $0 == 0x2D }
    #expect(pieces.ranges.map { String(decoding: pieces.text[$0], as: UTF8.self) } == expected)
  }

  @Test(
    "a sign stands in front of pieces as the scheme says",
    arguments: [
      (Metaspace.Prefix.always, true, ["▁a", "▁b"]), (.always, false, ["▁a", "▁b"]),
      (.first, true, ["▁a", "▁b"]), (.first, false, ["a", "▁b"]), (.never, true, ["a", "▁b"]),
    ])
  func metaspace(prefix: Metaspace.Prefix, startsText: Bool, expected: [String]) {
    var pieces = TextPieces(Array("a b".utf8), startsText: startsText)
    Metaspace(sign: Array("▁".utf8), prefix: prefix, splits: true).apply(to: &pieces)
    #expect(pieces.ranges.map { String(decoding: pieces.text[$0], as: UTF8.self) } == expected)
  }

  @Test(
    "clusters end where the standard says",
    arguments: [
      ("", []), ("ab", [1, 1]), ("e\u{301}x", [2, 1]), ("\r\n\n", [2, 1]),
      ("\u{1100}\u{1161}\u{11A8}\u{1100}", [3, 1]),
      ("\u{AC00}\u{11A8}a", [2, 1]), ("\u{AC01}\u{1161}", [1, 1]), ("\u{A9}\u{200D}\u{A9}", [3]),
      ("a\u{200D}\u{A9}", [2, 1]),
      ("\u{915}\u{94D}\u{915}", [3]), ("\u{915}\u{94D}\u{200C}\u{915}", [3, 1]), ("\u{600}a", [2]),
      ("\u{0}\u{301}", [1, 1]),
      ("\u{2764}\u{FE0F}\u{200D}\u{1F525}", [4]),
    ])
  func clusters(text: String, expected: [Int]) {
    let bytes = Array(text.utf8)
    var (counts, position): ([Int], Int) = ([], 0)
    while position < bytes.count {
      let end = GraphemeClusters.shared.end(in: bytes, from: position, limit: bytes.count)
      counts.append(String(decoding: bytes[position..<end], as: UTF8.self).unicodeScalars.count)
      position = end
    }
    #expect(counts == expected)
  }

  @Test(
    "damaged character maps are refused",
    arguments: [
      [], [1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 0], [8, 0, 0, 0, 0, 0, 0, 0],
      [4, 0, 0, 0, 0, 0, 0, 0, 0xFF],
    ] as [[UInt8]])
  func damagedMaps(bytes: [UInt8]) {
    #expect(CharacterMap(bytes) == nil)
  }

  @Test("a character map whose places lead outside changes nothing")
  func wildMap() throws {
    let map = try #require(CharacterMap([4, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]))
    var output: [UInt8] = []
    map.normalize(Array("a é\r\n".utf8), into: &output)
    #expect(output == Array("a é\r\n".utf8))
  }
}
