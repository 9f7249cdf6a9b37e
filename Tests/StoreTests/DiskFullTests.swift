import Foundation
import GRDB
import Glibc
import Testing

@testable import Store

/// A file system of one megabyte, where mounting one is permitted.
private struct TinyDisk: ~Copyable {
  let url: URL

  static let isAvailable: Bool = {
    guard let scratch = try? Scratch() else { return false }
    return (try? TinyDisk(at: scratch.url)) != nil
  }()

  init(at url: URL) throws {
    guard mount("tmpfs", url.path, "tmpfs", 0, "size=1m") == 0 else {
      throw POSIXError(.init(rawValue: errno) ?? .EPERM)
    }
    self.url = url
  }

  deinit { umount2(url.path, Int32(MNT_DETACH)) }
}

@Suite struct DiskFullTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  private func passages(_ range: Range<Int>) -> [PassageInput] {
    range.map { passage("id\($0)", String(repeating: "text ", count: 200)) }
  }

  @Test func sqliteFullIsDiskFullAndChangesNothing() throws {
    let store = try scratch.store()
    _ = try store.upsert(passages(0..<10))
    func limitPages(_ count: Int) throws {
      try store.pool.writeWithoutTransaction { db in
        _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(count)")
      }
    }
    try limitPages(40)
    expectError(.diskFull, scratch.collection.path, "free space", "nothing was changed") {
      try store.upsert(passages(5..<500))
    }
    #expect(try store.passageCount == 10)
    #expect(try store.rowCount() == 10)
    #expect(try store.upsert(passages(0..<10)) == UpsertSummary(unchanged: 10))
    try limitPages(1 << 30)
    #expect(try store.upsert(passages(0..<500)).added == 490)
    try store.checkIntegrity()
  }

  @Test func aFullDeviceIsDiskFull() throws {
    let file = try SystemFile(creating: URL(fileURLWithPath: "/dev/full"))
    expectError(.diskFull, "/dev/full", "12 more bytes", "No space left") {
      try [Float](repeating: 1, count: 3).withUnsafeBytes { try file.write($0) }
    }
  }

  @Test(arguments: [
    (ENOSPC, StoreError.Code.diskFull), (EDQUOT, .diskFull), (EFBIG, .diskFull), (EACCES, .io),
  ])
  func systemErrorsAreSorted(number: Int32, code: StoreError.Code) {
    let error = StoreError.system(number, "writing", URL(fileURLWithPath: "/x/y"))
    #expect(error.code == code)
    #expect(error.message.contains("/x/y"))
  }

  /// In a process of its own: the limit holds for all of a process's files.
  @Test func filesThatCannotGrowLeaveNothing() async throws {
    await #expect(processExitsWith: .success) { [path = scratch.url.path as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 8192, rlim_max: 8192)
      #expect(setrlimit(__rlimit_resource_t(1), &limit) == 0)  // 1: RLIMIT_FSIZE
      let url = URL(fileURLWithPath: path).appendingPathComponent("0.f32")
      let writer = try VectorFileWriter(path: url, columns: 64)
      try writer.append([Float](repeating: 1, count: 1024))
      expectError(.diskFull, url.deletingLastPathComponent().path) {
        try writer.append([Float](repeating: 1, count: 4096))
      }
      #expect(try names(in: URL(fileURLWithPath: path)).isEmpty)
      expectError(.io, url.path, "given up") { try writer.append([]) }
      expectError(.io, url.path, "given up") { try writer.finish() }
      expectError(.diskFull, path) { try DurableFile.write(Data(count: 9000), to: url) }
      #expect(try names(in: URL(fileURLWithPath: path)).isEmpty)
    }
  }

  @Test(.enabled(if: TinyDisk.isAvailable, "needs permission to mount a tmpfs"))
  func aReallyFullDiskLosesNothing() throws {
    let disk = try TinyDisk(at: scratch.url)
    let store = try scratch.store()
    _ = try store.upsert(passages(0..<10))
    let ballast = scratch.url.appendingPathComponent("ballast")
    try Data(count: 500_000).write(to: ballast)
    expectError(.diskFull, scratch.collection.path) { try store.upsert(passages(0..<2000)) }
    #expect(try store.passageCount == 10)
    let vectors = VectorFiles.path(folder: store.folder, generation: 0)
    let writer = try VectorFileWriter(path: vectors, columns: 384)
    expectError(.diskFull, "0.f32") {
      for _ in 0..<2000 { try writer.append([Float](repeating: 1, count: 384)) }
    }
    #expect(try names(in: store.layout.vectors).isEmpty)
    try FileManager.default.removeItem(at: ballast)
    #expect(try store.upsert(passages(10..<30)).added == 20)
    try store.checkIntegrity()
    withExtendedLifetime(disk.url) {}
  }

  @Test(.enabled(if: TinyDisk.isAvailable, "needs permission to mount a tmpfs"))
  func aCollectionThatCannotBeMadeLeavesNoFolder() throws {
    let disk = try TinyDisk(at: scratch.url)
    try? Data(count: 2_000_000).write(to: scratch.url.appendingPathComponent("ballast"))
    let ballast = try SystemFile(creating: scratch.url.appendingPathComponent("more"))
    let page = [UInt8](repeating: 0, count: 4096)
    while (try? page.withUnsafeBytes { try ballast.write($0) }) != nil {}
    expectError(.diskFull, scratch.collection.path) { try scratch.store() }
    #expect(!FileManager.default.fileExists(atPath: scratch.collection.path))
    withExtendedLifetime(disk.url) {}
  }
}
