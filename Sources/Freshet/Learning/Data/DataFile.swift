internal import Foundation

/// A file of training data that is read at any place while a run lasts.
///
/// It stays open, so replacing the file does no harm; a change within it is noticed and refused.
/// A compressed file, or one that cannot be read at any place (a pipe), is copied once into a
/// temporary file without a name, which goes away with the process.
final class DataFile: Sendable {
  /// The file as the user named it.
  let name: String
  /// Length in bytes, decompressed.
  let size: Int
  private let descriptor: Int32
  private let opened: FileStamp

  /// - Throws: `FreshetError.badInput`: the file cannot be opened, its compression is damaged, or
  ///   there is no room for its temporary copy.
  init(path: String, temporaryFolder: URL) throws(FreshetError) {
    name = path == "-" ? "standard input" : path
    let descriptor = try Self.canBeReadAnywhere(path)
      ? open(path, O_RDONLY | O_CLOEXEC)
      : try Self.copy(path, into: temporaryFolder.path)
    guard descriptor >= 0, let stamp = FileStamp(descriptor) else {
      throw FreshetError(.badInput, "\(path): \(String(cString: strerror(errno)))")
    }
    self.descriptor = descriptor
    opened = stamp
    size = stamp.size
  }

  deinit { close(descriptor) }

  /// The bytes from `offset` on: `count`, or fewer at the end of the file.
  ///
  /// - Throws: `FreshetError.badInput` when the file was changed since it was opened.
  func bytes(at offset: Int, upTo count: Int) throws(FreshetError) -> [UInt8] {
    guard FileStamp(descriptor) == opened else { throw changed() }
    var reason: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = 0
      while filled < count {
        let rest = buffer[filled..<count]
        let got = pread(
          descriptor, UnsafeMutableBufferPointer(rebasing: rest).baseAddress, rest.count,
          off_t(offset + filled))
        if got < 0, errno == EINTR { continue }
        if got < 0 { reason = errno }
        guard got > 0 else { break }
        filled += got
      }
    }
    guard reason == 0 else {
      throw FreshetError(.badInput, "\(name): \(String(cString: strerror(reason)))")
    }
    return bytes
  }

  /// Number of the line that the byte at `offset` is on, from 1; for errors, as it reads so far.
  func line(at offset: Int) throws(FreshetError) -> Int {
    var (line, place) = (1, 0)
    while place < offset {
      let block = try bytes(at: place, upTo: min(1 << 20, offset - place))
      guard !block.isEmpty else { break }
      line += block.count { $0 == UInt8(ascii: "\n") }
      place += block.count
    }
    return line
  }

  /// What to throw when what is read is not what was there before.
  func changed() -> FreshetError {
    FreshetError(
      .badInput, "\(name): the file was changed while it was in use; start again with the new one")
  }
}

/// Tells one state of a file from another.
private struct FileStamp: Equatable {
  let size: Int
  private let seconds: Int, nanoseconds: Int

  /// Nil when the system says nothing of the file.
  init?(_ descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    size = Int(status.st_size)
    (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
  }
}

extension DataFile {
  /// Whether the path is a file, rather than a pipe, and not compressed.
  private static func canBeReadAnywhere(_ path: String) throws(FreshetError) -> Bool {
    if path == "-" { return false }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw FreshetError(.badInput, "\(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw FreshetError(.badInput, "\(path): is a folder, a file was expected")
    }
    return status.st_mode & S_IFMT == S_IFREG && !isCompressed(path)
  }

  /// Whether the file starts as gzip's do.
  private static func isCompressed(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var magic: (UInt8, UInt8) = (0, 0)
    return pread(descriptor, &magic, 2, 0) == 2 && magic == (0x1F, 0x8B)
  }

  /// A new file without a name that holds what the file at `path` holds, decompressed.
  private static func copy(_ path: String, into folder: String) throws(FreshetError) -> Int32 {
    let stream = try GzipStream(path: path, name: path)
    var template = Array("\(folder)/freshet-data-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw noCopy(path, folder) }
    unlink(&template)
    do throws(FreshetError) {
      while true {
        let block = try stream.read()
        if block.isEmpty { return descriptor }
        try write(block, to: descriptor, path, folder)
      }
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func write(
    _ block: [UInt8], to descriptor: Int32, _ path: String, _ folder: String
  ) throws(FreshetError) {
    var rest = block[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw noCopy(path, folder) }
      rest = rest.dropFirst(written)
    }
  }

  private static func noCopy(_ path: String, _ folder: String) -> FreshetError {
    FreshetError(
      .badInput, "\(path): its decompressed copy cannot be written into \(folder) "
        + "(\(String(cString: strerror(errno)))); decompress it, or name another temporary folder")
  }
}
