import Foundation
import GRDB
import Testing

@testable import Store

@Suite struct GenerationTests {
  let store: Store
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    store = try scratch.store()
    _ = try store.upsert((0..<7).map { passage("id\($0)", "text \($0)") })
  }

  private func begin(_ encoder: String = "A", parent: Int? = nil) throws -> Int {
    try store.register(StoreTests.encoder(encoder))
    return try store.beginGeneration(encoder: encoder, parent: parent, corrector: nil, now: noon)
  }

  private func record(_ row: Int, error: Double? = nil) -> EmbeddingRecord {
    EmbeddingRecord(
      row: row, provenance: error == nil ? .encoded : .corrected, predictedError: error,
      textHash: "h\(row)")
  }

  @Test func aGenerationFromBeginningToEnd() throws {
    let first = try store.build()
    try store.register(encoder("B"))
    try store.register(
      CorrectorRecord(
        id: "c", kind: "ridge", fromEncoder: "A", toEncoder: "B", sampleSize: 2, seed: 1,
        judged: "{}", createdAt: noon))
    let id = try store.beginGeneration(encoder: "B", parent: first, corrector: "c", now: noon)
    var expected = GenerationRecord(
      id: 1, encoder: "B", rowCount: 0, encoded: 0, corrected: 0, corrector: "c", parent: 0,
      createdAt: noon, state: .building, isActive: false)
    #expect(try store.generation(id) == expected)

    let writer = try VectorFileWriter(
      path: VectorFiles.path(folder: store.folder, generation: id), columns: dimension)
    try writer.append([Float](repeating: 1, count: 7 * dimension))
    try store.appendEmbeddings([record(5), record(0, error: 0.25)], generation: id)
    try store.appendEmbeddings([record(3, error: 0)], generation: id)
    let (rows, sha256) = try writer.finish()
    try store.completeGeneration(id, rowCount: rows, vectorsSHA256: sha256)
    (expected.rowCount, expected.encoded, expected.corrected) = (7, 1, 2)
    (expected.state, expected.vectorsSHA256) = (.ready, sha256)
    #expect(try store.generation(id) == expected)
    #expect(try store.activeGeneration()?.id == first)

    try store.activate(id, now: noon)
    expected.isActive = true
    #expect(try store.activeGeneration() == expected)
    #expect(try store.generations().map(\.isActive) == [false, true])
    #expect(try store.generation(2) == nil)
  }

  @Test func embeddingsComeBackInTheOrderAsked() throws {
    let id = try begin()
    try store.appendEmbeddings([record(4), record(0, error: 0.5), record(2)], generation: id)
    #expect(try store.embedding(generation: id, row: 0) == record(0, error: 0.5))
    #expect(try store.embedding(generation: id, row: 1) == nil)
    #expect(try store.embedding(generation: 99, row: 0) == nil)
    #expect(try store.embeddings(generation: id).map(\.row) == [0, 2, 4])
    #expect(try store.embeddings(generation: id, rows: [4, 1, 0, 4]).map(\.row) == [4, 0, 4])
    #expect(try store.embeddings(generation: id, rows: []).isEmpty)
  }

  @Test(arguments: [
    (EmbeddingRecord(row: 7, provenance: .encoded, predictedError: nil, textHash: ""), "row 7"),
    (EmbeddingRecord(row: -1, provenance: .encoded, predictedError: nil, textHash: ""), "row -1"),
    (EmbeddingRecord(row: 1, provenance: .encoded, predictedError: nil, textHash: ""), "already"),
    (EmbeddingRecord(row: 2, provenance: .corrected, predictedError: .nan, textHash: ""), "nan"),
    (EmbeddingRecord(row: 2, provenance: .corrected, predictedError: .infinity, textHash: ""), "2"),
  ])
  func strangeEmbeddingsAreRefusedWhole(strange: EmbeddingRecord, word: String) throws {
    let id = try begin()
    try store.appendEmbeddings([record(1)], generation: id)
    expectError(.invalidArgument, word, "generation \(id)") {
      try store.appendEmbeddings([record(3), strange], generation: id)
    }
    #expect(try store.embeddings(generation: id).map(\.row) == [1])
    #expect(try store.generation(id)?.encoded == 1)
  }

  @Test func whatAGenerationNamesMustBeThere() throws {
    expectError(.unknownEncoder, "A") {
      try store.beginGeneration(encoder: "A", parent: nil, corrector: nil, now: noon)
    }
    let building = try begin()
    expectError(.unknownGeneration, "generation 9") { try begin(parent: 9) }
    expectError(.invalidArgument, "not complete") { try begin(parent: building) }
    expectError(.unknownID, "corrector c") {
      try store.beginGeneration(encoder: "A", parent: nil, corrector: "c", now: noon)
    }
    expectError(.unknownGeneration) { try store.appendEmbeddings([], generation: 9) }
    expectError(.unknownGeneration) {
      try store.completeGeneration(9, rowCount: 0, vectorsSHA256: nil)
    }
    expectError(.unknownGeneration) { try store.activate(9, now: noon) }
    expectError(.unknownGeneration) { try store.pendingRows(generation: 9) }
    expectError(.unknownGeneration) { try store.staleOrDeletedRows(generation: 9) }
    #expect(try store.generations().map(\.id) == [building])
  }

  @Test func onlyACompleteGenerationIsActivated() throws {
    let id = try begin()
    expectError(.invalidArgument, "generation \(id)", "not complete") {
      try store.activate(id, now: noon)
    }
    expectError(.invalidArgument) { try store.staleOrDeletedRows(generation: id) }
    #expect(try store.activeGeneration() == nil)
  }

  @Test func aCompleteGenerationDoesNotChange() throws {
    let id = try store.build(activate: false)
    expectError(.invalidArgument, "complete") {
      try store.appendEmbeddings([record(0)], generation: id)
    }
    expectError(.invalidArgument, "complete") {
      try store.completeGeneration(id, rowCount: 7, vectorsSHA256: nil)
    }
  }

  @Test(arguments: [-1, 0, 6, 8])
  func aGenerationIsCompleteOnlyWithItsVectorFile(rowCount: Int) throws {
    let id = try begin()
    let path = VectorFiles.path(folder: store.folder, generation: id)
    expectError(.damaged, path.path, "missing") {
      try store.completeGeneration(id, rowCount: 7, vectorsSHA256: nil)
    }
    try Data(count: 7 * dimension * 4).write(to: path)
    try store.appendEmbeddings([record(6)], generation: id)
    expectError(.invalidArgument, "\(rowCount) rows") {
      try store.completeGeneration(id, rowCount: rowCount, vectorsSHA256: nil)
    }
    #expect(try store.generation(id)?.state == .building)
    try Data(count: 7 * dimension * 4 - 1).write(to: path)
    expectError(.damaged, path.path, "83 bytes", "84 bytes") {
      try store.completeGeneration(id, rowCount: 7, vectorsSHA256: nil)
    }
  }

  @Test func aLostVectorFileIsNeitherActivatedNorRolledBackTo() throws {
    let first = try store.build()
    let second = try store.build(value: 2)
    let lost = VectorFiles.path(folder: store.folder, generation: first)
    try FileManager.default.removeItem(at: lost)
    expectError(.damaged, lost.path) { try store.rollback(now: noon) }
    expectError(.damaged, lost.path) { try store.activate(first, now: noon) }
    #expect(try store.activeGeneration()?.id == second)
  }

  @Test func rollbackGoesBackOneActivationAtATime() throws {
    expectError(.unknownGeneration, "no earlier generation") { try store.rollback(now: noon) }
    for value in 0..<3 { try store.build(value: Float(value)) }
    #expect(try store.rollback(now: noon).id == 1)
    let back = try store.rollback(now: noon)
    #expect(back.id == 0 && back.isActive)
    expectError(.unknownGeneration, "no earlier generation") { try store.rollback(now: noon) }
    #expect(try store.activeGeneration() == back)
  }

  @Test func rollbackAfterRollbackAndActivationTakesBackTheRightOne() throws {
    for value in 0..<3 { try store.build(value: Float(value)) }
    _ = try store.rollback(now: noon)  // 2 → 1
    try store.activate(0, now: noon)  // 1 → 0
    try store.activate(0, now: noon)  // no second time
    try store.activate(2, now: noon)  // 0 → 2
    #expect(try store.rollback(now: noon).id == 0)
    #expect(try store.rollback(now: noon).id == 1)
    #expect(try store.rollback(now: noon).id == 0)
    expectError(.unknownGeneration) { try store.rollback(now: noon) }
  }

  @Test func activationsAndRollbacksAreRecorded() throws {
    for value in 0..<2 { try store.build(value: Float(value)) }
    _ = try store.rollback(now: noon.addingTimeInterval(1))
    let history = try store.read("test") { db in
      try String.fetchAll(
        db, sql: "SELECT kind || ' ' || generation || ' ' || createdAt FROM activation ORDER BY id")
    }
    #expect(
      history == [
        "activate 0 2025-06-15 15:06:40.125", "activate 1 2025-06-15 15:06:40.125",
        "rollback 0 2025-06-15 15:06:41.125",
      ])
  }

  @Test func rollbackRestoresTheFormerGenerationExactly() throws {
    let first = try store.build()
    let path = VectorFiles.path(folder: store.folder, generation: first)
    let before = try (
      store.activeGeneration(), store.embeddings(generation: first), Data(contentsOf: path)
    )
    try store.build(encoder: "B", value: 2, parent: first)
    _ = try store.rollback(now: noon)
    _ = try store.collectGarbage()
    #expect(try store.activeGeneration() == before.0)
    #expect(try store.embeddings(generation: first) == before.1)
    #expect(try Data(contentsOf: path) == before.2)
    #expect(try store.generations().count == 2, "the one left stays")
  }
}
