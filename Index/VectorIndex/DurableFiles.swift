internal import Crypto
internal import Foundation
internal import Synchronization

/// Tells apart the temporary files of one process.
private let temporaryCounter = Atomic<Int>(0)

/// Lets `write` make a file beside `path` and then puts it in its place: a power cut leaves the
/// former file or the new one. `write` must flush what it writes. Nothing is left after an error.
func replaceFile(
  _ path: String, _ write: (_ temporary: String) throws(IndexError) -> Void
) throws(IndexError) {
  let number = temporaryCounter.add(1, ordering: .relaxed).newValue
  let temporary = "\(path).tmp-\(getpid())-\(number)"
  do throws(IndexError) {
    try write(temporary)
    guard unsafe rename(temporary, path) == 0 else { throw ioError("cannot put in place", path) }
    try flushFolder(of: path)
  } catch {
    unsafe unlink(temporary)
    throw error
  }
}

/// Writes `data` durably: beside, flushed, renamed.
func replaceFile(_ path: String, with data: Data) throws(IndexError) {
  try replaceFile(path) { (temporary) throws(IndexError) in
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw ioError("cannot create", temporary) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try handle.write(contentsOf: data)
      try handle.synchronize()
    } catch {
      throw IndexError(.io, "cannot write \(temporary): \(error)")
    }
  }
}

/// A rename is on the disk once its folder is.
private func flushFolder(of path: String) throws(IndexError) {
  let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
  let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw ioError("cannot open the folder", folder) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw ioError("cannot flush the folder", folder) }
}

/// SHA-256 of a file's bytes, in hexadecimal.
func checksum(ofFile path: String) throws(IndexError) -> String {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw ioError("cannot read", path) }
  let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  var hash = SHA256()
  do {
    while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty { hash.update(data: part) }
  } catch {
    throw IndexError(.io, "cannot read \(path): \(error)")
  }
  return hash.finalize().map { byte in
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }.joined()
}

/// The system's reason for what just failed, as an error.
private func ioError(_ what: String, _ path: String) -> IndexError {
  let reason = unsafe String(cString: strerror(errno))
  return IndexError(.io, "\(what) \(path): \(reason)")
}
