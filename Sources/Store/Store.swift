public import Foundation
import GRDB

/// The truth about a collection: passages, encoders, correctors, generations and their lineage.
///
/// Every method is synchronous, safe from any thread, and one transaction: it happens whole or not
/// at all, also when the process dies in it. Readers see committed states only. One handle at a
/// time writes a collection, in all processes together; any number read. All methods throw
/// `StoreError`; those that change something throw `invalidArgument` on a reading handle.
public final class Store: Sendable {
  /// What a handle is for.
  public enum Access: Sendable {
    /// Looks only; others may write meanwhile.
    case reading
    /// Holds the collection's writer lock until the handle is released.
    case writing
  }

  /// The collection's folder.
  public var folder: URL { layout.folder }
  /// Where everything of the collection lies.
  public let layout: CollectionLayout
  /// What this handle is for.
  public var access: Access { lock == nil ? .reading : .writing }

  let pool: DatabasePool
  private let lock: FileLock?

  private init(layout: CollectionLayout, pool: DatabasePool, lock: FileLock?) {
    (self.layout, self.pool, self.lock) = (layout, pool, lock)
  }

  deinit {
    // Before the lock goes: the next writer must not meet a connection that still writes.
    try? pool.close()
  }

  /// Makes an empty collection at `url` and opens it for writing.
  ///
  /// - Parameter now: recorded as the time of creation.
  /// - Throws: `StoreError.alreadyExists` when `url` is a collection, a file, or a folder with
  ///   something in it; `diskFull`, `io`. A folder made by this call is then removed again.
  public static func create(at url: URL, now: Date) throws -> Store {
    let layout = CollectionLayout(folder: url)
    let isNew = try layout.requireVacant()
    do {
      try layout.makeFolders()
      let lock = try FileLock(layout.lock, of: layout.folder)
      try layout.requireVacant()
      return try create(layout, lock: lock, isNew: isNew, now: now)
    } catch {
      throw StoreError(error, during: "creating a collection", in: layout)
    }
  }

  /// Creates under the lock; whoever came first has been seen, so what is there is this call's.
  private static func create(
    _ layout: CollectionLayout, lock: FileLock, isNew: Bool, now: Date
  ) throws -> Store {
    do {
      let store = try open(layout, lock: lock)
      try store.write("creating the collection", visible: false) { db in
        try db.execute(sql: "UPDATE collection SET createdAt = ?", arguments: [now])
      }
      try SystemFile.synchronize(layout.folder)
      try SystemFile.synchronize(layout.folder.deletingLastPathComponent())
      return store
    } catch {
      if isNew { try? FileManager.default.removeItem(at: layout.folder) }
      throw error
    }
  }

  /// Opens the collection at `url`. A writing handle also finishes a creation that was cut short.
  ///
  /// - Throws: `StoreError.notACollection`; `locked` naming the folder and the process that writes
  ///   it; `damaged` naming the file; `diskFull`, `io`.
  public static func open(at url: URL, access: Access) throws -> Store {
    let layout = CollectionLayout(folder: url)
    guard SystemFile.size(of: layout.database) != nil else {
      throw StoreError(
        .notACollection,
        "\(url.path) is not a Freshet collection: there is no \(layout.database.path)")
    }
    do {
      guard access == .writing else { return try open(layout, lock: nil) }
      let lock = try FileLock(layout.lock, of: layout.folder)
      try layout.makeFolders()
      return try open(layout, lock: lock)
    } catch {
      throw StoreError(error, during: "opening the collection", in: layout)
    }
  }

  /// Opens the database; writes when there is a lock.
  private static func open(_ layout: CollectionLayout, lock: FileLock?) throws -> Store {
    try layout.requireOwnDatabase(complete: lock == nil)
    var configuration = Configuration()
    configuration.readonly = lock == nil
    configuration.busyMode = .timeout(5)
    let pool = try DatabasePool(path: layout.database.path, configuration: configuration)
    if lock != nil {
      // GRDB's NORMAL may lose the last commits in a power cut; a swap that was reported stays.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try Schema.migrator.migrate(pool)
    }
    return Store(layout: layout, pool: pool, lock: lock)
  }

  /// A number that changes with everything a searcher can see: another generation is active,
  /// passages were added, changed or deleted, by whatever process. Costs some microseconds.
  public func dataVersion() throws -> Int {
    try read("reading the data version") { db in
      try Int.fetchOne(db, sql: "SELECT revision FROM collection") ?? 0
    }
  }

  /// Checks the whole database file, in time proportional to its size.
  ///
  /// - Throws: `StoreError.damaged` naming the file and the first fault.
  public func checkIntegrity() throws {
    let fault = try read("checking the database") { db in
      try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
    }
    guard fault == "ok" else {
      throw StoreError(.damaged, "\(layout.database.path) is damaged: \(fault ?? "unreadable")")
    }
  }
}

extension Store {
  /// Runs `body` on one committed state.
  func read<T>(_ task: String, _ body: (Database) throws -> T) throws -> T {
    do {
      return try pool.read(body)
    } catch {
      throw StoreError(error, during: task, in: layout)
    }
  }

  /// Runs `body` in one transaction. `visible`: whether searchers must notice, see `dataVersion`;
  /// a transaction that changed no row is not noticed.
  func write<T>(
    _ task: String, visible: Bool, _ body: (Database) throws -> T
  ) throws -> T {
    guard access == .writing else {
      throw StoreError(
        .invalidArgument, "\(task): \(folder.path) was opened for reading, open it for writing")
    }
    do {
      return try pool.write { db in
        let before = db.totalChangesCount
        let result = try body(db)
        if visible && db.totalChangesCount != before {
          try db.execute(sql: "UPDATE collection SET revision = revision + 1")
        }
        return result
      }
    } catch {
      throw StoreError(error, during: task, in: layout)
    }
  }
}
