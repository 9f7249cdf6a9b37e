import Foundation
import GRDB

extension CollectionLayout {
  /// Makes the collection's folders where they are missing.
  func makeFolders() throws {
    for part in parts { try SystemFile.makeFolder(part) }
  }

  /// Refuses a place that holds anything but the remains of a creation that was cut short.
  ///
  /// - Returns: whether there is nothing at all.
  @discardableResult
  func requireVacant() throws -> Bool {
    guard FileManager.default.fileExists(atPath: folder.path) else { return true }
    if SystemFile.size(of: database) != nil {
      throw StoreError(.alreadyExists, "\(folder.path) is a Freshet collection already: open it")
    }
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path) else {
      throw StoreError(.alreadyExists, "\(folder.path) is a file: choose another name")
    }
    let ours = Set((parts + [lock]).map(\.lastPathComponent))
    if let other = names.sorted().first(where: { !ours.contains($0) }) {
      throw StoreError(
        .alreadyExists,
        "\(folder.path) is not empty (it holds \(other)): choose another name or an empty folder")
    }
    return false
  }

  /// Refuses, without changing it, a database that is not a collection's.
  ///
  /// - Parameter complete: whether a database that holds nothing yet is refused too.
  func requireOwnDatabase(complete: Bool) throws {
    guard SystemFile.size(of: database) != nil else { return }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    let queue = try DatabaseQueue(path: database.path, configuration: configuration)
    defer { try? queue.close() }
    try queue.read { db in
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      let identity = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
      try refuse(tables > 0 && identity != Schema.applicationID, "is some other SQLite file")
      try refuse(
        Schema.migrator.hasBeenSuperseded(db),
        "was written by a newer Freshet: update Freshet to open it")
      try refuse(
        complete && !Schema.isReadable(db),
        "was never finished: open it for writing once")
    }
  }

  private func refuse(_ condition: Bool, _ reason: String) throws {
    guard condition else { return }
    throw StoreError(
      .notACollection, "\(folder.path) cannot be opened: \(database.path) \(reason)")
  }
}
