import Foundation
import GRDB
import Glibc
import Testing

@testable import Store

/// Compaction as the store sees it; the vectors and indexes are written by others.
@Suite struct CompactionTests {
  let scratch: Scratch

  /// Twelve passages, of which five are deleted and one is changed after generation 1 was made.
  init() throws {
    scratch = try Scratch()
    let store = try scratch.store()
    _ = try store.upsert((0..<10).map { passage("id\($0)", "text number\($0)") })
    try store.build()
    try store.build(value: 2)
    try store.build(value: 3)
    _ = try store.upsert([passage("id10", "text late"), passage("id11", "text last")])
    _ = try store.upsert([passage("id4", "text changed")])
    _ = try store.delete(ids: ["id0", "id3", "id5", "id9", "id10"])
  }

  private static let alive = ["id1", "id2", "id4", "id6", "id7", "id8", "id11"]

  private func writer() throws -> Store {
    try Store.open(at: scratch.collection, access: .writing)
  }

  @Test func aPlanNumbersRowsWithoutGaps() throws {
    let plan = try writer().planCompaction()
    #expect(plan.removed == [0, 3, 5, 9, 10])
    #expect(plan.kept.map(\.id) == [2, 1])
    #expect((0..<14).map(plan.newRow(of:)) == [nil, 0, 1, nil, 2, nil, 3, 4, 5, nil, nil, 6, 7, 8])
    #expect([0, 1, 4, 10, 12].map(plan.newCount(of:)) == [0, 0, 2, 6, 7])
  }

  @Test func rowsAndGenerationsAreReplaced() throws {
    let store = try writer()
    let version = try store.dataVersion()
    try store.compactAll()
    #expect(try store.passages(from: 0, limit: 99).map(\.id) == Self.alive)
    #expect(try store.passages(from: 0, limit: 99).map(\.row) == Array(0..<7))
    #expect(try store.rowCount() == 7)
    #expect(try store.tombstoneCount() == 0)
    #expect(try store.compactionCount() == 1)
    #expect(try store.dataVersion() > version)
    let generations = try store.generations()
    #expect(generations.map(\.id) == [3, 4] && generations.allSatisfy { $0.state == .ready })
    #expect(try store.activeGeneration()?.id == 3)
    #expect(try store.activeGeneration()?.encoded == 6)
    #expect(try store.pendingRows(generation: 3) == [2, 6])
    #expect(try store.staleOrDeletedRows(generation: 3) == [2])
    #expect(try store.bm25("text", limit: 99).map(\.row).sorted() == Array(0..<7))
    #expect(try store.bm25("number7", limit: 9).map(\.row) == [4])
    #expect(try store.rows(where: PassageFilter(parsing: #"id = "id11""#)) == [6])
    _ = try store.collectGarbage()
    #expect(try names(in: store.layout.vectors) == ["3.f32", "4.f32"])
    try store.shrinkDatabase()
    try store.checkIntegrity()
    #expect(try store.compactionCount() == 1, "shrinking keeps it")
    #expect(try store.rollback(now: noon).id == 4)
    expectError(.unknownGeneration, "no earlier") { try store.rollback(now: noon) }
    #expect(try store.upsert([passage("new", "x")]).added == 1)
    #expect(try store.passage(id: "new")?.row == 7)
  }

  @Test func itCanBeDoneAgainAndWithoutGenerations() throws {
    let store = try writer()
    try store.compactAll()
    _ = try store.delete(ids: Self.alive)
    try store.compactAll()
    #expect(try store.rowCount() == 0)
    #expect(try store.compactionCount() == 2)
    #expect(try store.activeGeneration()?.rowCount == 0)
    let bare = try Store.create(at: scratch.url.appendingPathComponent("bare"), now: noon)
    _ = try bare.upsert([passage("a", "x"), passage("b", "y")])
    _ = try bare.delete(ids: ["a"])
    try bare.compactAll()
    #expect(try bare.passage(id: "b")?.row == 0)
  }

  @Test func whatChangesMeanwhileIsKept() throws {
    let store = try writer()
    let plan = try store.planCompaction()
    let written = try store.rewrite(plan)
    _ = try store.upsert([passage("new", "text new"), passage("id1", "text other")])
    _ = try store.delete(ids: ["id2"])
    try store.compact(plan, replacing: written, now: noon)
    #expect(
      try store.passages(from: 0, limit: 99).map(\.id)
        == ["id1", "id4", "id6", "id7", "id8", "id11", "new"])
    #expect(try store.passage(id: "new")?.row == 7)
    #expect(try store.staleOrDeletedRows(generation: 3) == [0, 1, 2])
    #expect(try store.pendingRows(generation: 3) == [0, 2, 6, 7])
    #expect(try store.tombstoneCount() == 1)
  }

  @Test func aPlanThatIsOvertakenIsRefused() throws {
    let store = try writer()
    let plan = try store.planCompaction()
    let written = try store.rewrite(plan)
    _ = try store.rollback(now: noon)
    expectError(.locked, "compact it again") {
      try store.compact(plan, replacing: written, now: noon)
    }
    #expect(try store.rowCount() == 12)
    expectError(.invalidArgument, "active") {
      try store.compact(store.planCompaction(), replacing: [], now: noon)
    }
    #expect(try store.compactionCount() == 0)
  }

  @Test func killedBeforeTheCommitNothingHappened() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = scratch.collection.path as String] in
      let store = try Store.open(at: URL(fileURLWithPath: path), access: .writing)
      let plan = try store.planCompaction()
      let written = try store.rewrite(plan)
      store.pool.add(transactionObserver: KillAtCommit(), extent: .databaseLifetime)
      try store.compact(plan, replacing: written, now: noon)
    }
    let store = try writer()
    #expect(try store.compactionCount() == 0)
    #expect(try store.rowCount() == 12)
    #expect(try store.activeGeneration()?.id == 2)
    #expect(try store.collectGarbage().filter { $0.contains("unfinished") }.count == 2)
    try store.checkIntegrity()
    try store.compactAll()
    #expect(try store.passages(from: 0, limit: 99).map(\.id) == Self.alive)
  }
}

/// Kills this process when its transaction is about to be committed.
private final class KillAtCommit: TransactionObserver {
  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseWillCommit() throws { kill(getpid(), SIGKILL) }
  func databaseDidCommit(_ db: Database) {}
  func databaseDidRollback(_ db: Database) {}
}

extension Store {
  fileprivate func compactAll() throws {
    let plan = try planCompaction()
    try compact(plan, replacing: rewrite(plan), now: noon)
  }

  /// Writes the kept generations by the plan's new rows.
  fileprivate func rewrite(_ plan: CompactionPlan) throws -> [CompactedGeneration] {
    try plan.kept.map { record in
      let id = try beginGeneration(
        encoder: record.encoder, parent: nil, corrector: nil, now: record.createdAt)
      let writer = try VectorFileWriter(
        path: VectorFiles.path(folder: folder, generation: id), columns: dimension)
      for row in 0..<plan.newCount(of: record.rowCount) { try writer.append([Float(row), 0, 0]) }
      let (rows, sha256) = try writer.finish()
      try appendEmbeddings(
        embeddings(generation: record.id).compactMap { embedding in
          plan.newRow(of: embedding.row).map {
            EmbeddingRecord(
              row: $0, provenance: .encoded, predictedError: nil, textHash: embedding.textHash)
          }
        }, generation: id)
      return CompactedGeneration(old: record.id, new: id, rowCount: rows, vectorsSHA256: sha256)
    }
  }
}
