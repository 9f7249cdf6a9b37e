import Foundation
import Glibc

/// Writing so that a power cut leaves the old state or the new one, never half of one.
///
/// What is new is written under a temporary name beside its place, flushed, renamed, and the folder
/// that holds it is flushed too.
enum DurableFiles {
  /// A name beside `place` that nothing else uses.
  static func temporary(beside place: URL) -> URL {
    place.deletingLastPathComponent()
      .appending(path: ".\(place.lastPathComponent).\(UUID().uuidString).partial")
  }

  /// Creates `file` with what `body` writes through the handle, and flushes it.
  static func create(_ file: URL, _ body: (FileHandle) throws -> Void) throws {
    try attempt("cannot write \(file.path)") {
      try Data().write(to: file, options: .withoutOverwriting)
      let handle = try FileHandle(forWritingTo: file)
      do {
        try body(handle)
        try handle.synchronize()
        try handle.close()
      } catch {
        try? handle.close()
        throw error
      }
    }
  }

  /// Flushes the list of names in `folder`.
  static func flush(folder: URL) throws {
    let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("cannot open \(folder.path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("cannot flush \(folder.path)") }
  }

  /// Gives `temporary` its final name; a file of that name is replaced, a folder only when empty.
  static func move(_ temporary: URL, to final: URL) throws {
    guard rename(temporary.path, final.path) == 0 else {
      throw failure("cannot rename \(temporary.path) to \(final.path)")
    }
    try flush(folder: final.deletingLastPathComponent())
  }

  /// Runs `body`; an error of Foundation becomes an `EncoderError` beginning with `what`.
  static func attempt<Result>(_ what: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as EncoderError {
      throw error
    } catch {
      throw EncoderError(.io, "\(what): \(systemReason(error))")
    }
  }

  /// The error of the system call that just failed.
  private static func failure(_ what: String) -> EncoderError {
    let error = NSError(domain: NSPOSIXErrorDomain, code: Int(errno))
    return EncoderError(.io, "\(what): \(systemReason(error))")
  }
}
