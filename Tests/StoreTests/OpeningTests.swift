import Foundation
import GRDB
import Glibc
import Testing

@testable import Store

@Suite struct OpeningTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test func aNewCollectionIsEmptyAndComplete() throws {
    let store = try scratch.store()
    #expect(store.access == .writing)
    #expect(
      try names(in: store.folder).filter { !$0.hasPrefix("freshet.sqlite") }
        == [".lock", "correctors", "encoders", "index", "vectors"])
    #expect(try store.passageCount == 0)
    #expect(try store.rowCount() == 0)
    #expect(try store.textHashes().isEmpty)
    #expect(try store.passages(from: 0, limit: 10).isEmpty)
    #expect(try store.pendingRows(generation: nil).isEmpty)
    #expect(try store.generations().isEmpty)
    #expect(try store.activeGeneration() == nil)
    #expect(try store.encoders().isEmpty)
    #expect(try store.collectGarbage().isEmpty)
    #expect(try store.upsert([]) == UpsertSummary())
    #expect(try store.delete(ids: []) == 0)
    try store.checkIntegrity()
  }

  @Test func anEmptyCollectionHasAnEmptyGeneration() throws {
    let store = try scratch.store()
    let id = try store.build()
    #expect(try store.activeGeneration()?.id == id)
    #expect(try store.activeGeneration()?.rowCount == 0)
    #expect(try store.staleOrDeletedRows(generation: id).isEmpty)
    #expect(SystemFile.size(of: VectorFiles.path(folder: store.folder, generation: id)) == 0)
  }

  @Test func createMakesParentsAndTakesAnEmptyFolder() throws {
    let deep = scratch.url.appendingPathComponent("a/b/c.freshet")
    #expect(try Store.create(at: deep, now: noon).passageCount == 0)
    try FileManager.default.createDirectory(
      at: scratch.collection, withIntermediateDirectories: true)
    #expect(try scratch.store().passageCount == 0)
  }

  @Test func createRefusesWhatIsThere() throws {
    _ = try scratch.store()
    expectError(.alreadyExists, scratch.collection.path) { try scratch.store() }
    let file = scratch.url.appendingPathComponent("file")
    try Data("x".utf8).write(to: file)
    expectError(.alreadyExists, file.path) { try Store.create(at: file, now: noon) }
    expectError(.alreadyExists, scratch.url.path, "is not empty") {
      try Store.create(at: scratch.url, now: noon)
    }
  }

  @Test(arguments: [Store.Access.reading, .writing])
  func openRefusesWhatIsNoCollection(access: Store.Access) throws {
    let missing = scratch.url.appendingPathComponent("missing")
    expectError(.notACollection, missing.path) { try Store.open(at: missing, access: access) }
    expectError(.notACollection, scratch.url.path, "freshet.sqlite") {
      try Store.open(at: scratch.url, access: access)
    }
    #expect(try names(in: scratch.url).isEmpty)
  }

  @Test(arguments: [Store.Access.reading, .writing])
  func openRefusesAnotherProgramsDatabaseAndLeavesItAlone(access: Store.Access) throws {
    let file = scratch.url.appendingPathComponent("freshet.sqlite")
    let queue = try DatabaseQueue(path: file.path)
    try queue.write { try $0.execute(sql: "CREATE TABLE other (a)") }
    try queue.close()
    let before = try Data(contentsOf: file)
    expectError(.notACollection, file.path, "some other SQLite file") {
      try Store.open(at: scratch.url, access: access)
    }
    #expect(try Data(contentsOf: file) == before)
  }

  @Test(arguments: [Store.Access.reading, .writing])
  func openRefusesANewerFreshetsCollection(access: Store.Access) throws {
    try scratch.store().write("test", visible: false) { db in
      try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('9999 from the future')")
    }
    expectError(.notACollection, "newer Freshet", "update") {
      try Store.open(at: scratch.collection, access: access)
    }
  }

  @Test func aCreationCutShortIsFinishedByAWriter() throws {
    let file = scratch.url.appendingPathComponent("freshet.sqlite")
    try Data().write(to: file)
    expectError(.notACollection, "never finished") {
      try Store.open(at: scratch.url, access: .reading)
    }
    do {
      let store = try Store.open(at: scratch.url, access: .writing)
      #expect(try store.upsert([passage("a", "x")]).added == 1)
    }
    #expect(try Store.open(at: scratch.url, access: .reading).passageCount == 1)
  }

  @Test(arguments: [Store.Access.reading, .writing])
  func aFileOfGarbageIsDamaged(access: Store.Access) throws {
    _ = try scratch.store()
    let file = scratch.collection.appendingPathComponent("freshet.sqlite")
    try Data(repeating: 0x5A, count: 8192).write(to: file)
    expectError(.damaged, file.path) { try Store.open(at: scratch.collection, access: access) }
  }

  @Test(arguments: [0.5, 0.9])
  func aTruncatedFileIsDamaged(share: Double) throws {
    do {
      let store = try scratch.store()
      _ = try store.upsert((0..<500).map { passage("\($0)", String(repeating: "x", count: 500)) })
    }
    let file = scratch.collection.appendingPathComponent("freshet.sqlite")
    let whole = try Data(contentsOf: file)
    try whole.prefix(Int(Double(whole.count) * share)).write(to: file)
    expectError(.damaged, file.path) {
      let store = try Store.open(at: scratch.collection, access: .reading)
      try store.checkIntegrity()
      return try store.passages(from: 0, limit: 500)
    }
  }

  @Test func aSecondWriterIsRefusedAndReadersAreNot() throws {
    let store = try scratch.store()
    expectError(.locked, scratch.collection.path, "process \(getpid())") {
      try Store.open(at: scratch.collection, access: .writing)
    }
    let reader = try Store.open(at: scratch.collection, access: .reading)
    _ = try store.upsert([passage("a", "x")])
    #expect(try reader.passageCount == 1)
    #expect(reader.access == .reading)
  }

  @Test func aSecondWritingProcessIsRefused() async throws {
    let store = try scratch.store()
    await #expect(processExitsWith: .success) {
      [path = scratch.collection.path as String, holder = getpid() as Int32] in
      expectError(.locked, path, "process \(holder)") {
        try Store.open(at: URL(fileURLWithPath: path), access: .writing)
      }
      let reader = try Store.open(at: URL(fileURLWithPath: path), access: .reading)
      #expect(try reader.passageCount == 0)
    }
    #expect(try store.passageCount == 0)
  }

  @Test func theLockGoesWithTheHandle() throws {
    for id in ["a", "b", "c"] {
      let store =
        try id == "a"
        ? scratch.store() : Store.open(at: scratch.collection, access: .writing)
      #expect(try store.upsert([passage(id, id)]).added == 1)
    }
    #expect(try Store.open(at: scratch.collection, access: .reading).passageCount == 3)
  }

  /// What a child process holds between fork and exec: one more descriptor of the same open file.
  @Test func theLockGoesEvenWhenAChildStillHoldsTheFile() throws {
    let url = scratch.url.appendingPathComponent(".lock")
    var lock: FileLock? = try FileLock(url, of: scratch.url)
    let held = try names(in: URL(fileURLWithPath: "/proc/self/fd")).compactMap { Int32($0) }
      .first { number in
        let link = "/proc/self/fd/\(number)"
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == url.path
      }
    let copy = dup(try #require(held))
    defer { close(copy) }
    expectError(.locked) { try FileLock(url, of: scratch.url) }
    withExtendedLifetime(lock) {}
    lock = nil
    _ = try FileLock(url, of: scratch.url)
  }

  @Test func aReadingHandleRefusesToWrite() throws {
    _ = try scratch.store()
    let reader = try Store.open(at: scratch.collection, access: .reading)
    let attempts: [() throws -> Void] = [
      { _ = try reader.upsert([passage("a", "x")]) },
      { _ = try reader.delete(ids: ["a"]) },
      { try reader.register(encoder("A")) },
      { _ = try reader.beginGeneration(encoder: "A", parent: nil, corrector: nil, now: noon) },
      { try reader.activate(0, now: noon) },
      { _ = try reader.rollback(now: noon) },
      { _ = try reader.collectGarbage() },
    ]
    for attempt in attempts { expectError(.invalidArgument, "for reading") { try attempt() } }
  }

  @Test func aReaderThatCameFirstSeesEveryCommit() throws {
    let store = try scratch.store()
    let reader = try Store.open(at: scratch.collection, access: .reading)
    var versions = [try reader.dataVersion()]
    func moved() throws -> Bool {
      versions.append(try reader.dataVersion())
      return versions[versions.count - 1] != versions[versions.count - 2]
    }
    _ = try store.upsert([passage("a", "x"), passage("b", "y")])
    #expect(try moved())
    _ = try store.upsert([passage("a", "x")])
    #expect(try !moved(), "an upsert that changed nothing")
    try store.build(activate: false)
    #expect(try !moved(), "a generation that nobody sees yet")
    try store.activate(0, now: noon)
    #expect(try moved())
    try store.activate(0, now: noon)
    #expect(try !moved(), "the active one activated")
    _ = try store.delete(ids: ["b", "unknown"])
    #expect(try moved())
    _ = try store.delete(ids: ["b"])
    #expect(try !moved(), "a delete of nothing")
    try store.build(value: 2)
    #expect(try moved())
    _ = try store.rollback(now: noon)
    #expect(try moved())
    #expect(Set(versions).count == 6, "a version never comes back")
  }
}
