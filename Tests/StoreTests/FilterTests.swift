import Foundation
import Testing

@testable import Store

/// Filters against passages that were made to tell conditions apart.
@Suite struct FilterTests {
  let store: Store
  let scratch: Scratch

  /// Rows 0 to 6.
  private static let metadata: [String?] = [
    #"{"lang": "en", "year": 2019, "tags": ["new", "hot"], "score": 0.5, "open": true}"#,
    #"{"lang": "de", "year": 2020, "tags": ["old"], "score": 1, "open": false}"#,
    #"{"lang": "en", "year": "2021", "tags": [], "nested": {"a": {"b c": 3}}}"#,
    #"{"lang": ["en", "fr"], "year": 2021.5, "id": "inner", "note": null}"#,
    nil,
    #"[1, 2]"#,
    #"{"lang": "EN", "year": [1990, 2005], "with-dash": "é", "n": -4e2, "q": "it's \"x\""}"#,
  ]

  init() throws {
    scratch = try Scratch()
    store = try scratch.store()
    _ = try store.upsert(
      Self.metadata.enumerated().map { row, metadata in
        PassageInput(id: "id\(row)", title: row == 4 ? "" : "T\(row)", text: "x", metadata: metadata)
      })
  }

  private func rows(_ filter: String) throws -> [Int] {
    try store.rows(where: PassageFilter(parsing: filter))
  }

  private static let cases: [(filter: String, rows: [Int])] = [
    (#"lang = "en""#, [0, 2, 3]), (#"lang == 'en'"#, [0, 2, 3]),
    (#"lang != "en""#, [1, 4, 5, 6]), (#"not lang = "en""#, [1, 4, 5, 6]),
    ("year = 2020", [1]), ("year = 2020.0", [1]), ("year >= 2020", [1, 3]),
    ("year > 2020", [3]), ("year < 2000", [6]), ("year <= 2019", [0, 6]),
    (#"year >= "2020""#, [2]), ("year in 2019..2021", [0, 1]), ("year in 2000..2010", [6]),
    (#"year in "2021".."2022""#, [2]), ("year in (2019, 2005, 7)", [0, 6]),
    (#"lang in ["de", "fr"]"#, [1, 3]), (#"lang in ("en", 4, true)"#, [0, 2, 3]),
    (#"tags = "hot""#, [0]), ("exists tags", [0, 1, 2]), ("tags exists", [0, 1, 2]),
    ("not exists note", [0, 1, 2, 3, 4, 5, 6]), ("exists nested", [2]),
    ("open = true", [0]), ("open = false", [1]), ("open != true", [1, 2, 3, 4, 5, 6]),
    ("score > 0.4", [0, 1]), ("score = 1", [1]), ("n = -400", [6]), ("n < -3.9e2", [6]),
    ("nested.a.`b c` = 3", [2]), ("nested.a = 3", []), ("nested = 3", []),
    (#"id = "id3""#, [3]), (#"metadata.id = "inner""#, [3]), (#"`id` = "inner""#, [3]),
    (#"id in ("id1", "id5", "none")"#, [1, 5]), (#"id >= "id5""#, [5, 6]),
    (#"title = "T2""#, [2]), ("exists title", [0, 1, 2, 3, 5, 6]), (#"title in "T5".."T9""#, [5, 6]),
    (#"with-dash = "é""#, [6]), (#"q = "it's \"x\"""#, [6]), (#"q = 'it\'s "x"'"#, [6]),
    (#"lang = "en" and year = 2019 or lang = "de""#, [0, 1]),
    (#"lang = "en" and (year = 2019 or lang = "de")"#, [0]),
    (#"not (lang = "en" or lang = "de")"#, [4, 5, 6]), (#"not not open = true"#, [0]),
    (#"LANG = "en""#, []), (#"lang = "en" AND NOT EXISTS nested"#, [0, 3]),
    (#"lang = "x' OR 1 = 1 --""#, []), (#"missing = "x""#, []), ("tags > 1", []),
  ]

  @Test(arguments: cases.indices) func aFilterFindsItsRows(index: Int) throws {
    let (text, rows) = Self.cases[index]
    #expect(try self.rows(text) == rows, "\(text)")
    let filter = try PassageFilter(parsing: text)
    #expect(try store.rows(where: PassageFilter(parsing: filter.description)) == rows, "\(filter)")
    let json = try JSONEncoder().encode([filter])
    #expect(try JSONDecoder().decode([PassageFilter].self, from: json) == [filter], "\(text)")
  }

  /// Text, place (from 1) or "its end", and a word of the explanation.
  @Test(arguments: [
    ("", "its end", "name of a field"), ("lang", "its end", "comparison"),
    ("lang = en", "character 8", "\"en\""), ("lang = \"en", "character 8", "closing"),
    ("= 3", "character 1", "name of a field"), ("lang ~ 3", "character 6", "no meaning"),
    ("a = 1 b = 2", "character 7", "\"and\""), ("(a = 1", "its end", "\")\""),
    ("a = 1)", "character 6", "the end"), ("a in 3", "its end", "\"..\""),
    ("a in (1, 2", "its end", "bracket"), ("a in 5..2", "character 6", "empty"),
    ("a in 1..\"x\"", "character 6", "two numbers or two texts"),
    ("id = 5", "character 6", "text"), ("open > true", "character 8", "no order"),
    ("a = 1.2.3", "character 8", "\"and\""), ("a = 12x", "character 5", "no number"),
    ("and = 1", "character 1", "name of a field"), ("a.\u{60}b/c\u{60} = 1", "character 1", "slash"),
    ("a = 1 and", "its end", "name of a field"), ("a = ", "its end", "value"),
  ]) func aWrongFilterSaysWhere(text: String, place: String, word: String) throws {
    expectError(.invalidArgument, "filter", place, word) { try PassageFilter(parsing: text) }
  }

  @Test func depthIsBoundedAndLengthIsNot() throws {
    let deep = String(repeating: "(", count: 500) + "a = 1" + String(repeating: ")", count: 500)
    expectError(.invalidArgument, "brackets") { try PassageFilter(parsing: deep) }
    let long = (0..<3000).map { #"id = "id\#($0)""# }.joined(separator: " or ")
    #expect(try rows(long) == [0, 1, 2, 3, 4, 5, 6])
    let list = (0..<50_000).map { #""id\#($0 + 2)""# }.joined(separator: ",")
    #expect(try rows("id in (\(list))") == [2, 3, 4, 5, 6])
  }

  @Test func deletedAndChangedPassagesAreFollowed() throws {
    _ = try store.delete(ids: ["id0"])
    #expect(try rows(#"lang = "en""#) == [2, 3])
    _ = try store.upsert([PassageInput(id: "id2", text: "x", metadata: #"{"lang": "de"}"#)])
    #expect(try rows(#"lang = "en""#) == [3])
    #expect(try store.delete(where: PassageFilter(parsing: #"lang = "de""#)) == 2)
    #expect(try store.delete(where: PassageFilter(parsing: #"lang = "de""#)) == 0)
    #expect(try store.passageCount == 4)
  }

  @Test func idsCompareInComposedForm() throws {
    _ = try store.upsert([passage("e\u{301}", "x")])
    #expect(try rows("id = \"\u{E9}\"") == [7])
    #expect(try rows("id in (\"\u{E9}\")") == [7])
  }

  @Test(arguments: [
    #"{"field": "year", "op": ">=", "value": 2020}"#, #""year >= 2020""#,
    #"{"and": [{"field": "year", "between": [2020, 9999]}]}"#,
    #"{"not": {"not": "year >= 2020"}}"#, #"{"or": ["year = 2020", "year > 2021"]}"#,
  ]) func jsonIsReadInEachForm(json: String) throws {
    let filter = try JSONDecoder().decode(PassageFilter.self, from: Data("\(json)".utf8))
    #expect(try store.rows(where: filter) == [1, 3])
  }

  @Test(arguments: [
    #"{"field": "year", "op": "~", "value": 2020}"#, #""year >=""#, "{}", "3",
    #"{"field": "year", "in": []}"#, #"{"field": "year", "between": [1]}"#,
    #"{"field": "id", "op": "=", "value": 1}"#, #"{"field": "a b", "op": "=", "value": 1}"#,
    #"{"field": "year", "op": "=", "value": null}"#,
  ]) func wrongJSONIsRefused(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(PassageFilter.self, from: Data(json.utf8))
    }
  }
}
