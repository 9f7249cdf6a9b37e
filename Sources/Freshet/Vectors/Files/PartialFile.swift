internal import Foundation
internal import Store

/// A file that is written block by block beside its final name; only `finish` gives it that name.
/// Released without `finish`, it leaves nothing.
final class PartialFile {
  private let path: URL, temporary: URL
  private let file: FileHandle
  private var isFinished = false

  /// - Throws: `StoreError.io` naming the file when it cannot be made there.
  init(path: String) throws {
    self.path = URL(fileURLWithPath: path)
    temporary = self.path.deletingLastPathComponent()
      .appendingPathComponent(".\(self.path.lastPathComponent).\(UUID().uuidString).partial")
    let temporary = temporary
    file = try Self.naming(self.path) {
      try Data().write(to: temporary)
      return try FileHandle(forWritingTo: temporary)
    }
  }

  deinit {
    try? file.close()
    if !isFinished { try? FileManager.default.removeItem(at: temporary) }
  }

  /// Writes the next bytes.
  ///
  /// - Throws: `StoreError.io` naming the file: a full disk, for one.
  func write(_ data: Data) throws {
    try Self.naming(path) { try file.write(contentsOf: data) }
  }

  /// Flushes the file and gives it its name, replacing an earlier file of that name.
  func finish() throws {
    try DurableFile.replace(temporary: temporary, with: path)
    isFinished = true
  }

  /// Errors of the system, which tell no file or another one, with the file that was to be written.
  private static func naming<Result>(_ path: URL, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch {
      let reason = FreshetError.words(for: error)
      throw StoreError(.io, "cannot write \(path.path): \(reason)")
    }
  }
}
