import Foundation
import GRDB
import Glibc
import Testing

@testable import Store

/// Kills this process in the middle of the next transaction: written, not committed.
private final class KillBeforeCommit: TransactionObserver {
  func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
  func databaseDidChange(with event: DatabaseEvent) {}
  func databaseWillCommit() throws { kill(getpid(), SIGKILL) }
  func databaseDidCommit(_ db: Database) {}
  func databaseDidRollback(_ db: Database) {}
}

/// What a searcher can see of a collection.
private struct Visible: Equatable {
  var active: GenerationRecord?
  var embeddings: [EmbeddingRecord] = []
  var vectors = Data()
  var passages: [StoredPassage]

  init(_ folder: URL) throws {
    let store = try Store.open(at: folder, access: .reading)
    active = try store.activeGeneration()
    passages = try store.passages(from: 0, limit: .max)
    guard let id = active?.id else { return }
    embeddings = try store.embeddings(generation: id)
    vectors = try Data(contentsOf: VectorFiles.path(folder: folder, generation: id))
  }
}

@Suite struct CrashTests {
  let scratch: Scratch

  /// A collection of seven passages with an active generation 0.
  init() throws {
    scratch = try Scratch()
    let store = try scratch.store()
    _ = try store.upsert((0..<7).map { passage("id\($0)", "text \($0)") })
    try store.build()
  }

  /// After any death: the next writer gets in, clears up, and builds.
  private func expectRecovery(keeping generations: [Int]) throws {
    let store = try Store.open(at: scratch.collection, access: .writing)
    try store.checkIntegrity()
    _ = try store.collectGarbage()
    #expect(try store.generations().map(\.id) == generations)
    #expect(try store.generations().allSatisfy { $0.state == .ready })
    #expect(try names(in: store.layout.vectors) == generations.map { "\($0).f32" })
    #expect(try store.collectGarbage().isEmpty, "nothing is left for a second time")
    let next = try store.build(value: 9)
    #expect(next == 2, "a number is not used again")
    #expect(try store.activeGeneration()?.id == next)
    #expect(try store.pendingRows(generation: next).isEmpty)
  }

  @Test(arguments: BuildStep.allCases)
  func aBuilderKilledAnywhereLeavesOldOrNewWhole(step: BuildStep) async throws {
    let before = try Visible(scratch.collection)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = scratch.collection.path as String, step = step as BuildStep] in
      let store = try Store.open(at: URL(fileURLWithPath: path), access: .writing)
      try store.build(encoder: "B", value: 2, parent: 0) {
        if $0 == step { kill(getpid(), SIGKILL) }
      }
    }
    let after = try Visible(scratch.collection)
    if step == .activated {
      #expect(after.active?.id == 1 && after.active?.encoder == "B")
      #expect(after.embeddings.count == 7 && after.vectors.count == 7 * dimension * 4)
    } else {
      #expect(after == before)
    }
    try expectRecovery(keeping: [.completed, .activated].contains(step) ? [0, 1] : [0])
  }

  @Test(arguments: ["upsert", "delete", "append", "complete", "activate", "rollback", "garbage"])
  func aTransactionKilledBeforeItsCommitDidNotHappen(name: String) async throws {
    do {
      let store = try Store.open(at: scratch.collection, access: .writing)
      try store.build(value: 2)
      try store.build(value: 3, activate: false)
      _ = try store.beginGeneration(encoder: "A", parent: nil, corrector: nil, now: noon)
      let vectors = try Data(contentsOf: VectorFiles.path(folder: store.folder, generation: 2))
      try vectors.write(to: VectorFiles.path(folder: store.folder, generation: 3))
    }
    let before = try Visible(scratch.collection)
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = scratch.collection.path as String, name = name as String] in
      let store = try Store.open(at: URL(fileURLWithPath: path), access: .writing)
      store.pool.add(transactionObserver: KillBeforeCommit(), extent: .databaseLifetime)
      try store.change(name)
    }
    #expect(try Visible(scratch.collection) == before)
    #expect(before.active?.id == 1)
    let store = try Store.open(at: scratch.collection, access: .writing)
    #expect(try store.generations().map(\.state) == [.ready, .ready, .ready, .building])
    #expect(try store.embeddings(generation: 3).isEmpty)
    try store.change(name)
    try store.checkIntegrity()
  }

  @Test func readersSeeTheOldGenerationUntilTheCommit() throws {
    let store = try Store.open(at: scratch.collection, access: .writing)
    let reader = try Store.open(at: scratch.collection, access: .reading)
    let version = try reader.dataVersion()
    let id = try store.build(value: 2, activate: false)
    try store.write("test", visible: true) { db in
      try db.execute(
        sql: "INSERT INTO activation (generation, kind, createdAt) VALUES (?, 'activate', '')",
        arguments: [id])
      #expect(try reader.activeGeneration()?.id == 0)
      #expect(try reader.dataVersion() == version)
    }
    #expect(try reader.activeGeneration()?.id == id)
    #expect(try reader.dataVersion() != version)
  }

  @Test func aReaderOpensWhatAKilledWriterLeft() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = scratch.collection.path as String] in
      let store = try Store.open(at: URL(fileURLWithPath: path), access: .writing)
      _ = try store.upsert([passage("last", "committed")])
      store.pool.add(transactionObserver: KillBeforeCommit(), extent: .databaseLifetime)
      _ = try store.upsert((0..<5000).map { passage("lost\($0)", "not committed") })
    }
    let reader = try Store.open(at: scratch.collection, access: .reading)
    #expect(try reader.passageCount == 8)
    #expect(try reader.passage(id: "last")?.row == 7)
    #expect(try reader.passage(id: "lost0") == nil)
  }

  /// A power cut between any two steps: the folder as copied there must open, and be right.
  @Test(arguments: BuildStep.allCases)
  func aFolderCopiedMidwayIsWhole(step: BuildStep) throws {
    let copy = scratch.url.appendingPathComponent("copy")
    let store = try Store.open(at: scratch.collection, access: .writing)
    try store.build(value: 2) { now in
      guard now == step else { return }
      try FileManager.default.copyItem(at: store.folder, to: copy)
    }
    let seen = try Visible(copy)
    #expect(seen.active?.id == (step == .activated ? 1 : 0))
    #expect(seen.embeddings.count == 7)
    let writer = try Store.open(at: copy, access: .writing)
    let removed = try writer.collectGarbage()
    #expect(removed.isEmpty == [.completed, .activated].contains(step))
    #expect(try Visible(copy) == seen, "clearing up is not to be seen")
    try writer.checkIntegrity()
  }
}

extension Store {
  /// One change by name, so that a child process can be told which.
  fileprivate func change(_ name: String) throws {
    switch name {
    case "upsert": _ = try upsert([
        StoreTests.passage("id0", "changed"), StoreTests.passage("new", "x"),
      ])
    case "delete": _ = try delete(ids: ["id0"])
    case "append":
      try appendEmbeddings(
        [EmbeddingRecord(row: 0, provenance: .encoded, predictedError: nil, textHash: "h")],
        generation: 3)
    case "complete": try completeGeneration(3, rowCount: 7, vectorsSHA256: nil)
    case "activate": try activate(2, now: noon)
    case "rollback": _ = try rollback(now: noon)
    case "garbage": _ = try collectGarbage()
    default: preconditionFailure("no change is named \(name)")
    }
  }
}
