import Foundation
import Glibc

/// The advisory lock that makes one process (and one handle) the writer of a collection.
///
/// `flock` belongs to the open file, so the kernel lets go of it when the holder dies. The file
/// stays: removing it would let two processes lock two different files of the same name.
final class FileLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock file `url` without waiting and writes this process's number into it.
  ///
  /// - Throws: `StoreError.locked` naming `folder` and the holder's process number.
  init(_ url: URL, of folder: URL) throws {
    descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError.system(errno, "opening", url) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw Self.refusal(errno, url, folder)
    }
    let line = Array("\(getpid())\n".utf8)
    // The number is only for the other side's message: on a full disk the lock holds without it.
    if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, line, line.count, 0) }
  }

  deinit {
    // Closing alone would not do: a child of ours between fork and exec holds the file open too.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  private static func refusal(_ number: Int32, _ url: URL, _ folder: URL) -> StoreError {
    guard number == EWOULDBLOCK else { return StoreError.system(number, "locking", url) }
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    let holder = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
    return StoreError(
      .locked,
      "\(folder.path) is being written by "
        + (holder.map { "process \($0)" } ?? "another process")
        + ": wait until it has finished, or open the collection for reading")
  }
}
