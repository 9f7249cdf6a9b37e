import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct PendingTests {
  let store: Store
  let scratch: Scratch
  let generation: Int

  init() throws {
    scratch = try Scratch()
    store = try scratch.store()
    _ = try store.upsert((0..<7).map { passage("id\($0)", "text \($0)") })
    generation = try store.build()
  }

  @Test func nothingIsPendingAfterEncoding() throws {
    #expect(try store.pendingRows(generation: generation).isEmpty)
    #expect(try store.staleOrDeletedRows(generation: generation).isEmpty)
    #expect(try store.pendingRows(generation: nil) == Array(0..<7))
  }

  @Test func anUnchangedTextDoesNotBecomePending() throws {
    _ = try store.upsert((0..<7).map { passage("id\($0)", "text \($0)") })
    _ = try store.upsert([PassageInput(id: "id3", text: "text 3", metadata: "[]")])
    #expect(try store.pendingRows(generation: generation).isEmpty)
    #expect(try store.staleOrDeletedRows(generation: generation).isEmpty)
  }

  @Test(arguments: [passage("id3", "new"), passage("id3", "text 3", title: "new")])
  func aChangedTextMakesOnlyItselfPending(changed: PassageInput) throws {
    _ = try store.upsert([changed])
    #expect(try store.pendingRows(generation: generation) == [3])
    #expect(try store.staleOrDeletedRows(generation: generation) == [3])
    _ = try store.upsert([passage("id3", "text 3")])
    #expect(try store.pendingRows(generation: generation).isEmpty, "back to what was embedded")
  }

  @Test func aNewPassageIsPendingButNotStale() throws {
    _ = try store.upsert([passage("new", "x")])
    #expect(try store.pendingRows(generation: generation) == [7])
    #expect(try store.staleOrDeletedRows(generation: generation).isEmpty)
  }

  @Test func aDeletedPassageIsStaleButNotPending() throws {
    _ = try store.delete(ids: ["id0", "id6"])
    #expect(try store.pendingRows(generation: generation).isEmpty)
    #expect(try store.staleOrDeletedRows(generation: generation) == [0, 6])
    _ = try store.upsert([passage("id0", "text 0")])
    #expect(try store.pendingRows(generation: generation) == [7], "a new row, though the same text")
    #expect(try store.staleOrDeletedRows(generation: generation) == [0, 6])
  }

  @Test func aRowWithoutAnEmbeddingIsNotAnswered() throws {
    _ = try store.delete(ids: ["id2"])
    let second = try store.build(value: 2)
    #expect(try store.embedding(generation: second, row: 2) == nil)
    #expect(try store.pendingRows(generation: second).isEmpty)
    #expect(try store.staleOrDeletedRows(generation: second) == [2])
    #expect(try store.staleOrDeletedRows(generation: generation) == [2])
  }

  @Test func aGenerationBeingBuiltHasPendingRows() throws {
    let id = try store.beginGeneration(encoder: "A", parent: nil, corrector: nil, now: noon)
    #expect(try store.pendingRows(generation: id) == Array(0..<7))
    let hashes = try store.textHashes()
    try store.appendEmbeddings(
      [1, 5].map {
        EmbeddingRecord(
          row: $0, provenance: .encoded, predictedError: nil, textHash: hashes[$0].hash)
      }, generation: id)
    #expect(try store.pendingRows(generation: id) == [0, 2, 3, 4, 6])
  }

  /// The questions asked of every passage must be answered from indexes, never from the texts.
  @Test(arguments: [
    "\(pendingSQL) ORDER BY row",
    "SELECT row FROM passage WHERE deleted = 1 AND row < 5",
    "SELECT row, textHash FROM passage WHERE deleted = 0 ORDER BY row",
    "SELECT count(*) FROM passage WHERE deleted = 0",
  ])
  func indexesAreUsed(sql: String) throws {
    let values = ["generation": 0, "rowCount": 5].filter { sql.contains(":\($0.key)") }
    let plan = try store.read("test") { db in
      try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: StatementArguments(values))
        .map { $0["detail"] as String }
    }
    let passageSteps = plan.filter { $0.contains("passage") }
    #expect(!passageSteps.isEmpty)
    #expect(passageSteps.allSatisfy { $0.contains("USING COVERING INDEX") }, "\(plan)")
    #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    #expect(!plan.contains { $0.contains("SCAN embedding") }, "\(plan)")
  }
}
