import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct FullTextTests {
  let store: Store
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    store = try scratch.store()
  }

  private func rows(_ query: String, limit: Int = 100) throws -> [Int] {
    try store.bm25(query, limit: limit).map(\.row)
  }

  /// BM25 by its definition, as the FTS5 manual states it, over all passages; words that more than
  /// half of them hold are left out.
  private func oracle(_ query: [String], _ texts: [[String]?]) -> [TextMatch] {
    let alive = texts.compactMap { $0 }
    let query = query.filter { term in 2 * alive.count { $0.contains(term) } <= alive.count }
    let mean = Double(alive.map(\.count).reduce(0, +)) / Double(alive.count)
    let matches: [TextMatch] = texts.enumerated().compactMap { row, words in
      guard let words else { return nil }
      let score = query.reduce(0.0) { sum, term in
        let holders = Double(alive.count { $0.contains(term) })
        let idf = log((Double(alive.count) - holders + 0.5) / (holders + 0.5))
        let f = Double(words.count { $0 == term })
        let length = 1.2 * (1 - 0.75 + 0.75 * Double(words.count) / mean)
        return sum + max(idf, 1e-6) * f * 2.2 / (f + length)
      }
      return query.contains(where: words.contains) ? TextMatch(row: row, score: score) : nil
    }
    return matches.sorted { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row }
  }

  @Test func scoresAreBM25() throws {
    var state: UInt64 = 7
    func draw(_ n: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % n
    }
    var texts: [[String]?] = (0..<97).map { _ in
      (0..<draw(20) + 1).map { _ in "w\(draw(8) * draw(8))" }
    }
    _ = try store.upsert(
      texts.enumerated().map { row, words in
        passage("id\(row)", words?.dropFirst().joined(separator: " ") ?? "", title: words?[0] ?? "")
      })
    _ = try store.delete(ids: ["id3", "id50"])
    (texts[3], texts[50]) = (nil, nil)
    _ = try store.upsert([passage("id9", "w1 w2 w2", title: "w6")])
    texts[9] = ["w6", "w1", "w2", "w2"]
    for query in [["w1"], ["w2", "w6"], ["w0", "w49", "w5", "w7"], ["w30", "w3"]] {
      let found = try store.bm25(query.joined(separator: " "), limit: 200)
      let expected = oracle(query, texts)
      #expect(found.map(\.row) == expected.map(\.row), "\(query)")
      for (a, b) in zip(found, expected) { #expect(abs(a.score - b.score) < 1e-9) }
      #expect(try store.bm25(query.joined(separator: " "), limit: 5) == Array(found.prefix(5)))
      let inMemory = try store.fullTextIndex().bm25(query, limit: 200) { $0 % 9 != 4 }
      let wanted = found.filter { $0.row % 9 != 4 }
      #expect(Set(inMemory.map(\.row)) == Set(wanted.map(\.row)))
      // Single precision: equal but for the order of almost equal ones.
      for (a, b) in zip(inMemory, wanted) { #expect(abs(a.score - b.score) < 1e-5) }
    }
    #expect(try store.fullTextIndex().bm25(["w49"], limit: 0).isEmpty)
    #expect(try store.fullTextIndex().bm25(["absent"], limit: 3).isEmpty)
    #expect(try store.words(of: ["W2, Über w2", ""]) == [["w2", "uber"], []])
  }

  @Test func equalScoresComeByRow() throws {
    _ = try store.upsert((0..<40).map { passage("\(99 - $0)", $0 % 2 == 0 ? "same" : "other x") })
    #expect(try rows("same") == Array(stride(from: 0, to: 40, by: 2)))
    #expect(try rows("same", limit: 3) == [0, 2, 4])
    #expect(try rows("same", limit: 0) == [])
  }

  @Test(arguments: [
    "", " ", "\"", "\"\"", "*", "(", ")", "-", "^", ":", "AND", "OR OR", "NOT a", "NEAR(", "a*",
    "title:a", "{title}: a", "a AND", "+", "'", "; DROP TABLE passage", "日本 🦆", "a\u{0}b", "\u{301}",
    "?1", "%", "a \"b", "\\", "---", "🦆", "x^2", "NEAR(a b, 2)", "\u{FFFD}\u{200D}",
  ])
  func anyTextMayBeAsked(query: String) throws {
    _ = try store.upsert([passage("a", "a b"), passage("q", "nothing")])
    _ = try store.bm25(query, limit: 10)
    #expect(try store.passageCount == 2)
  }

  @Test func textsWithoutWordsFindNothing() throws {
    _ = try store.upsert([passage("a", "a b"), passage("empty", "")])
    for query in ["", " \n", "\"*()", "🦆"] { #expect(try rows(query) == []) }
    #expect(try rows("absent") == [])
    #expect(try store.bm25("a", limit: 3).map(\.row) == [0])
  }

  @Test func aQueryMayHaveManyWords() throws {
    _ = try store.upsert([passage("a", "word4999 and more"), passage("b", "x")])
    #expect(try rows((0..<5000).map { "word\($0)" }.joined(separator: " ")) == [0])
  }

  @Test func wordsAreFoldedAndOperatorsAreWords() throws {
    _ = try store.upsert([
      passage("a", "Café CRÈME", title: "Ünïcode"), passage("b", "and or not near"),
      passage("c", "e\u{301}clair"), passage("d", "东京 москва"),
    ])
    #expect(try rows("cafe") == [0])
    #expect(try rows("unicode") == [0])
    #expect(try rows("NOT") == [1])
    #expect(try rows("ÉCLAIR") == [2])
    #expect(try rows("МОСКВА") == [3])
    #expect(try rows("caf*") == [])
  }

  @Test func changesAreFollowed() throws {
    _ = try store.upsert([passage("a", "old", title: "t"), passage("b", "old"), passage("c", "z")])
    #expect(try Set(rows("old")) == [0, 1])
    _ = try store.upsert([passage("a", "new", title: "t")])
    #expect(try rows("old") == [1])
    #expect(try rows("new") == [0])
    #expect(try store.delete(ids: ["a"]) == 1)
    #expect(try rows("new t") == [])
    _ = try store.upsert([passage("a", "new again")])
    #expect(try rows("new") == [3])
    _ = try store.upsert([PassageInput(id: "b", text: "old", metadata: "{}")])
    #expect(try rows("old") == [1])
    try requireSound()
  }

  @Test func onlyAllowedRowsAreFound() throws {
    _ = try store.upsert((0..<20).map { passage("\($0)", "word \($0)") })
    #expect(try store.bm25("word", limit: 3) { $0 % 7 == 6 }.map(\.row) == [6, 13])
    #expect(try store.bm25("word", limit: 3) { _ in false } == [])
  }

  @Test func anOlderCollectionIsReadAndThenMigrated() throws {
    _ = try store.upsert([passage("a", "kept words"), passage("b", "gone words")])
    _ = try store.delete(ids: ["b"])
    try store.makeOlder()
    let reader = try Store.open(at: scratch.collection, access: .reading)
    #expect(try reader.passageCount == 1)
    expectError(.invalidArgument, scratch.collection.path, "older", "for writing") {
      try reader.bm25("words", limit: 1)
    }
    try store.migrate()
    #expect(try reader.bm25("words", limit: 9).map(\.row) == [0])
    _ = try store.upsert([passage("c", "more words")])
    #expect(try rows("words").count == 2)
    try requireSound()
  }

  /// FTS5's own comparison of its index with the passages alive.
  private func requireSound() throws {
    try store.write("test", visible: false) { db in
      try db.execute(
        sql: "INSERT INTO passageText (passageText, rank) VALUES ('integrity-check', 1)")
    }
  }
}

extension Store {
  /// Takes back the full-text migration: the collection of an older Freshet.
  func makeOlder() throws {
    try write("test", visible: false) { db in
      try db.execute(
        sql: """
          DROP TRIGGER passageTextInserted; DROP TRIGGER passageTextDeleted;
          DROP TRIGGER passageTextChanged;
          DROP TABLE passageTerm; DROP TABLE passageTermPlace; DROP TABLE passageText;
          DROP VIEW passageAlive;
          DELETE FROM grdb_migrations WHERE identifier = '0002 full text'
          """)
    }
  }

  func migrate() throws { try Schema.migrator.migrate(pool) }
}
