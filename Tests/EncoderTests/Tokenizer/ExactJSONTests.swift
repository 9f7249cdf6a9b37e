import Testing

@testable import Encoder

@Suite("JSON with exact strings")
struct ExactJSONTests {
  private func parse(_ text: String) throws -> ExactJSON {
    try ExactJSON(parsing: Array(text.utf8))
  }

  @Test("strings are their bytes, escapes included")
  func strings() throws {
    let value = try parse(#"["é","é","\u0065\u0301","\ud83d\ude00\n\t\"\\\/","\u0000"]"#)
    let texts = try #require(value.elements).compactMap(\.text).map { Array($0.utf8) }
    #expect(texts == ["\u{E9}", "\u{E9}", "e\u{301}", "😀\n\t\"\\/", "\0"].map { Array($0.utf8) })
  }

  @Test("canonically equivalent keys are two keys, of equal keys the last counts")
  func keys() throws {
    let value = try parse("{\"\u{E9}\":1, \"e\u{301}\" : 2 ,\"a\":3,\"a\":[true,null,-1.5e1]}")
    guard case .object(let members) = value else { return #expect(Bool(false), "no object") }
    #expect(members.map(\.value.integer) == [1, 2, 3, nil])
    #expect(value["a"]?.elements?.count == 3 && value["b"] == nil)
    #expect(value["a"]?.elements?[2].integer == -15 && value["a"]?.elements?[2].id == nil)
  }

  @Test("what is not JSON is refused where it is", arguments: [
    ("", 0), (" {", 2), ("[1,]", 3), ("[1 2]", 3), ("{\"a\" 1}", 5), ("{a:1}", 1), ("\"a", 2),
    ("\"\\x\"", 3), ("\"\\ud800\"", 7), ("\"\\udc00\"", 7), ("\"\\ud800\\u0041\"", 13),
    ("\"\\u00g0\"", 3), ("tru", 0), ("nan", 0), ("1 1", 2), ("\"\u{1}\"", 2), ("1e999", 0),
  ])
  func malformed(text: String, offset: Int) {
    let error = #expect(throws: ExactJSONError.self) { try parse(text) }
    #expect(error?.offset == offset, "\(text): \(error?.reason ?? "")")
  }

  @Test("deep nesting is refused, not followed", arguments: [1, 200, 201, 100_000])
  func depth(count: Int) {
    let text = String(repeating: "[", count: count) + String(repeating: "]", count: count)
    #expect(((try? parse(text)) != nil) == (count <= 200))
  }
}
