public import Foundation
import Glibc

/// Files that are whole or absent after a crash or a power cut: written beside their final name,
/// flushed, renamed, and the rename itself flushed.
public enum DurableFile {
  /// Writes `data` to `url`, replacing what is there in one step.
  ///
  /// - Throws: `StoreError` (`diskFull`, `io`) naming the file. The former file, if any, then still
  ///   stands and nothing is left beside it.
  public static func write(_ data: Data, to url: URL) throws {
    let temporary = temporaryURL(beside: url)
    do {
      let file = try SystemFile(creating: temporary)
      try data.withUnsafeBytes { try file.write($0) }
      try file.synchronizeAndClose()
      try rename(temporary, to: url)
    } catch {
      unlink(temporary.path)
      throw error
    }
  }

  /// Moves the file `temporary` to the name `final`, replacing what is there in one step.
  ///
  /// Both must be in one file system. The file is flushed before, its folder after.
  ///
  /// - Throws: `StoreError` naming the file; `temporary` is then left to the caller.
  public static func replace(temporary: URL, with final: URL) throws {
    try SystemFile.synchronize(temporary)
    try rename(temporary, to: final)
  }

  /// A name beside `url` that nobody else uses; `collectGarbage` removes it after a crash.
  static func temporaryURL(beside url: URL) -> URL {
    url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(UUID().uuidString).partial")
  }

  /// Renames a flushed file and flushes the folder.
  static func rename(_ temporary: URL, to final: URL) throws {
    guard Glibc.rename(temporary.path, final.path) == 0 else {
      throw StoreError.system(errno, "renaming \(temporary.path) to", final)
    }
    try SystemFile.synchronize(final.deletingLastPathComponent())
  }
}
