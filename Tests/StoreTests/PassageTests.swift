import Foundation
import Testing

@testable import Store

@Suite struct PassageTests {
  let store: Store
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    store = try scratch.store()
  }

  @Test func whatIsStoredComesBack() throws {
    let given = [
      PassageInput(id: "a", title: "A title", text: "text", metadata: #"{"n": 1}"#),
      PassageInput(id: "b", title: "", text: "", metadata: nil),
      PassageInput(id: "日本 🦆/\\'\"%_", title: "Ünïcode", text: "line\n\ttab \u{1F} \u{FFFD}"),
    ]
    #expect(try store.upsert(given) == UpsertSummary(added: 3))
    for (row, input) in given.enumerated() {
      let stored = try #require(try store.passage(id: input.id))
      #expect(
        stored
          == StoredPassage(
            row: row, id: input.id, title: input.title, text: input.text,
            metadata: input.metadata,
            textHash: TextHash.of(title: input.title, text: input.text)))
    }
    #expect(try store.passage(id: "none") == nil)
    #expect(try store.passageCount == 3)
    #expect(try store.rows(forIDs: ["b", "none", "a"]) == ["a": 0, "b": 1])
  }

  @Test func theTextHashIsSHA256OfTitleSeparatorText() {
    // printf 'T\037x' | sha256sum, and printf '\037' | sha256sum
    #expect(
      TextHash.of(title: "T", text: "x")
        == "38c0558cc92c02348f06b84957c62622cec48f0a586aad41e6e1cdb6c37c14ba")
    #expect(
      TextHash.of(title: "", text: "")
        == "ffe679bb831c95b67dc17819c63c5090d221aac6f4c7bf530f594ab43d21fa1e")
    #expect(TextHash.of(title: "ab", text: "c") != TextHash.of(title: "a", text: "bc"))
    #expect(TextHash.of(title: "", text: "e\u{301}") != TextHash.of(title: "", text: "é"))
  }

  @Test func upsertIsIdempotent() throws {
    let given = (0..<17).map { passage("id\($0)", "text \($0)", title: "title \($0)") }
    #expect(try store.upsert(given) == UpsertSummary(added: 17))
    let before = try store.passages(from: 0, limit: 100)
    #expect(try store.upsert(given.reversed()) == UpsertSummary(unchanged: 17))
    #expect(try store.passages(from: 0, limit: 100) == before)
    #expect(try store.rowCount() == 17)
  }

  @Test(arguments: [
    PassageInput(id: "a", title: "t", text: "other", metadata: "1"),
    PassageInput(id: "a", title: "other", text: "x", metadata: "1"),
    PassageInput(id: "a", title: "t", text: "x", metadata: "2"),
    PassageInput(id: "a", title: "t", text: "x", metadata: nil),
  ])
  func aChangeKeepsTheRow(changed: PassageInput) throws {
    _ = try store.upsert([
      passage("first", "1"), PassageInput(id: "a", title: "t", text: "x", metadata: "1"),
    ])
    #expect(try store.upsert([changed]) == UpsertSummary(changed: 1))
    let stored = try #require(try store.passage(id: "a"))
    #expect(stored.row == 1)
    #expect(PassageInput(stored) == changed)
    #expect(stored.textHash == TextHash.of(title: changed.title, text: changed.text))
    #expect(try store.rowCount() == 2)
  }

  @Test func separatorsInTitlesAreNoWayAroundAChange() throws {
    _ = try store.upsert([passage("a", "b\u{1F}c", title: "a")])
    #expect(try store.upsert([passage("a", "c", title: "a\u{1F}b")]).changed == 1)
    #expect(try store.passage(id: "a")?.text == "c")
  }

  @Test func aRecomposedTextIsAChange() throws {
    _ = try store.upsert([passage("a", "é", title: "é")])
    #expect(try store.upsert([passage("a", "e\u{301}", title: "é")]).changed == 1)
    #expect(try store.upsert([passage("a", "e\u{301}", title: "e\u{301}")]).changed == 1)
  }

  @Test func aDuplicateIDInOneCallIsRefusedWhole() throws {
    expectError(.duplicateID, "\"b\"", "items 1 and 3") {
      try store.upsert([passage("a", "1"), passage("b", "1"), passage("c", "1"), passage("b", "2")])
    }
    #expect(try store.rowCount() == 0)
    let twice = [passage("a", "1"), passage("a", "1")]
    #expect(try store.upsert(twice) == UpsertSummary(added: 1, unchanged: 1))
  }

  @Test func idsThatSwiftHoldsEqualAreOne() throws {
    _ = try store.upsert([passage("caf\u{E9}", "1")])
    #expect(try store.upsert([passage("cafe\u{301}", "2")]) == UpsertSummary(changed: 1))
    let stored = try #require(try store.passage(id: "cafe\u{301}"))
    #expect(Array(stored.id.utf8) == Array("caf\u{E9}".utf8), "the first spelling stays")
    #expect(try store.rows(forIDs: ["cafe\u{301}"]) == ["caf\u{E9}": 0])
    expectError(.duplicateID) {
      try store.upsert([passage("e\u{301}", "1"), passage("\u{E9}", "2")])
    }
    #expect(try store.delete(ids: ["cafe\u{301}"]) == 1)
  }

  @Test(arguments: [
    (PassageInput(id: "", text: "x"), "empty id"),
    (PassageInput(id: "bad\0", text: "x"), "U+0000"),
    (PassageInput(id: "bad", title: "\0", text: "x"), "U+0000"),
    (PassageInput(id: "bad", text: "x\0y"), "U+0000"),
    (PassageInput(id: "bad", text: "x", metadata: "{\"a\": }"), "not JSON"),
    (PassageInput(id: "bad", text: "x", metadata: ""), "not JSON"),
  ])
  func whatCannotBeStoredIsRefusedWhole(input: PassageInput, word: String) throws {
    expectError(.invalidArgument, "\"\(input.id)\"", word) {
      try store.upsert([passage("good", "x"), input])
    }
    #expect(try store.rowCount() == 0)
  }

  @Test func deletesAreTombstonesAndRowsAreNotUsedAgain() throws {
    _ = try store.upsert(["a", "b", "c"].map { passage($0, "text \($0)") })
    #expect(try store.delete(ids: ["b", "b", "unknown"]) == 1)
    #expect(try store.passage(id: "b") == nil)
    #expect(try store.passageCount == 2)
    #expect(try store.rowCount() == 3)
    #expect(try store.textHashes().map(\.row) == [0, 2])
    #expect(try store.passages(from: 0, limit: 10).map(\.id) == ["a", "c"])
    #expect(try store.passages(rows: [1]).map(\.isDeleted) == [true])
    #expect(try store.upsert([passage("b", "text b")]) == UpsertSummary(added: 1))
    #expect(try store.rows(forIDs: ["b"]) == ["b": 3])
    #expect(try store.delete(ids: ["b"]) == 1)
    #expect(try store.upsert([passage("b", "again")]).added == 1)
    #expect(try store.rows(forIDs: ["b"]) == ["b": 4])
  }

  @Test func theLastRowIsNotUsedAgainAfterReopening() throws {
    let other = try Scratch()
    do {
      let store = try other.store()
      _ = try store.upsert([passage("a", "1"), passage("b", "1")])
      #expect(try store.delete(ids: ["a", "b"]) == 2)
    }
    let store = try Store.open(at: other.collection, access: .writing)
    _ = try store.upsert([passage("c", "1")])
    #expect(try store.rows(forIDs: ["c"]) == ["c": 2])
  }

  @Test func passagesByRowKeepTheOrderAsked() throws {
    _ = try store.upsert((0..<7).map { passage("id\($0)", "\($0)") })
    let rows = [6, 0, 3, 3, 1]
    #expect(try store.passages(rows: rows).map(\.row) == rows)
    #expect(try store.passages(rows: []).isEmpty)
    for row in [7, -1] {
      expectError(.unknownID, "row \(row)") { try store.passages(rows: [0, row]) }
    }
  }

  @Test(arguments: [1, 2, 7, 100])
  func pagesCoverEverythingOnce(limit: Int) throws {
    _ = try store.upsert((0..<11).map { passage("id\($0)", "\($0)") })
    _ = try store.delete(ids: ["id0", "id5", "id10"])
    var rows: [Int] = []
    while true {
      let page = try store.passages(from: (rows.last ?? -1) + 1, limit: limit)
      if page.isEmpty { break }
      #expect(page.count <= limit)
      rows += page.map(\.row)
    }
    #expect(rows == [1, 2, 3, 4, 6, 7, 8, 9])
    #expect(try store.passages(from: 0, limit: 0).isEmpty)
  }

  @Test func tenThousandPassagesInOneCall() throws {
    let given = (0..<10_000).map { passage("id\($0)", "the text of number \($0)") }
    #expect(try store.upsert(given) == UpsertSummary(added: 10_000))
    #expect(try store.upsert(given) == UpsertSummary(unchanged: 10_000))
    #expect(try store.passageCount == 10_000)
    #expect(try store.rows(forIDs: given.map(\.id)).count == 10_000)
    #expect(try store.passages(rows: [9_999])[0].id == "id9999")
  }

  @Test func manyThreadsReadWhileOneWrites() async throws {
    try await withThrowingTaskGroup(of: Int.self) { [store] group in
      group.addTask {
        for i in 0..<20 { _ = try store.upsert([passage("\(i)", "x"), passage("\(i)'", "x")]) }
        return 0
      }
      for _ in 0..<8 {
        group.addTask { try (0..<50).reduce(0) { odd, _ in odd + (try store.passageCount % 2) } }
      }
      for try await odd in group { #expect(odd == 0, "a reader saw half a transaction") }
    }
    #expect(try store.passageCount == 40)
  }
}

extension PassageInput {
  init(_ stored: StoredPassage) {
    self.init(
      id: stored.id, title: stored.title, text: stored.text, metadata: stored.metadata)
  }
}
