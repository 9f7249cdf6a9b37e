import Foundation
import GRDB
import Glibc

extension StoreError {
  /// The store's word for whatever `cause` is, met while doing `task` ("storing passages").
  init(_ cause: any Error, during task: String, in layout: CollectionLayout) {
    switch cause {
    case let error as StoreError: self = error
    case let error as DatabaseError: self.init(error, during: task, in: layout)
    default: self.init(.io, "\(task) in \(layout.folder.path) failed: \(cause)")
    }
  }

  /// Sorts SQLite's result codes (https://www.sqlite.org/rescode.html).
  private init(_ error: DatabaseError, during task: String, in layout: CollectionLayout) {
    let reason = error.message ?? "SQLite code \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL:
      self = .diskFull(during: task, in: layout.folder, reason: reason)
    case .SQLITE_IOERR where layout.isOnFullDisk, .SQLITE_CANTOPEN where layout.isOnFullDisk:
      self = .diskFull(during: task, in: layout.folder, reason: reason)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self.init(
        .damaged,
        "\(layout.database.path) is damaged (\(reason)): restore the collection from a copy")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .locked, "\(layout.folder.path) is busy in another process (\(reason)): try again")
    default:
      self.init(.io, "\(task) in \(layout.folder.path) failed: \(reason)")
    }
  }

  /// The store's word for a failed system call on `file`. `number` is `errno` as it was.
  static func system(_ number: Int32, _ task: String, _ file: URL) -> StoreError {
    let reason = String(cString: strerror(number))
    switch number {
    case ENOSPC, EDQUOT, EFBIG: return diskFull(during: task, in: file, reason: reason)
    default: return StoreError(.io, "\(task) \(file.path) failed: \(reason)")
    }
  }

  private static func diskFull(during task: String, in place: URL, reason: String) -> StoreError {
    StoreError(
      .diskFull,
      "\(task): no space left for \(place.path) (\(reason)); nothing was changed, "
        + "free space there and run it again")
  }
}

extension CollectionLayout {
  /// Whether fewer than 64 KiB are left: then SQLite's vaguer complaints mean a full disk.
  fileprivate var isOnFullDisk: Bool {
    var facts = statvfs()
    guard statvfs(folder.path, &facts) == 0 else { return false }
    return facts.f_bavail * facts.f_frsize < 64 << 10
  }
}
