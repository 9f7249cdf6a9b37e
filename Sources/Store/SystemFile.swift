import Foundation
import Glibc

/// A file being written through system calls; closed when released.
///
/// Errors are `StoreError`s that name the file.
final class SystemFile {
  let url: URL
  private var descriptor: Int32

  /// Makes a new empty file at `url` for writing, replacing an earlier one.
  init(creating url: URL) throws {
    self.url = url
    descriptor = open(url.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StoreError.system(errno, "creating", url) }
  }

  deinit { closeDescriptor() }

  /// Writes all of `bytes` at the end.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
      let written = Glibc.write(descriptor, start, rest.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw StoreError.system(
          written < 0 ? errno : ENOSPC, "writing \(rest.count) more bytes to", url)
      }
      rest = rest.dropFirst(written)
    }
  }

  /// Hands everything written to the disk, and closes.
  func synchronizeAndClose() throws {
    guard fsync(descriptor) == 0 else { throw StoreError.system(errno, "flushing", url) }
    closeDescriptor()
  }

  private func closeDescriptor() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
  }

  /// Hands what is at `url`, file or folder, to the disk.
  static func synchronize(_ url: URL) throws {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError.system(errno, "opening", url) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError.system(errno, "flushing", url) }
  }

  /// Makes the folder `url`, and those above it, where they are missing.
  static func makeFolder(_ url: URL) throws {
    if mkdir(url.path, 0o755) == 0 || errno == EEXIST { return }
    guard errno == ENOENT, url.path != "/" else {
      throw StoreError.system(errno, "making the folder", url)
    }
    try makeFolder(url.deletingLastPathComponent())
    guard mkdir(url.path, 0o755) == 0 || errno == EEXIST else {
      throw StoreError.system(errno, "making the folder", url)
    }
  }

  /// The size in bytes of the regular file at `url`; nil when there is none.
  static func size(of url: URL) -> Int? {
    var facts = stat()
    guard stat(url.path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(facts.st_size)
  }
}
