import Foundation

/// A file that grows at its end; each piece is handed to the system before ``append(_:)`` returns,
/// so that a killed process loses nothing but the piece it was writing.
final class AppendOnlyFile {
  let url: URL
  private let handle: FileHandle

  /// Opens `url`, made when missing, and cuts off what follows the first `bytes`.
  ///
  /// - Throws: `TrainingError.io` with the path.
  init(_ url: URL, keeping bytes: Int = 0) throws(TrainingError) {
    self.url = url
    handle = try reportingIO("cannot open \(url.path)") {
      if !FileManager.default.fileExists(atPath: url.path) { try Data().write(to: url) }
      return try FileHandle(forWritingTo: url)
    }
    try reportingIO("cannot shorten \(url.path)") {
      if try handle.seekToEnd() > UInt64(bytes) { try handle.truncate(atOffset: UInt64(bytes)) }
      try handle.seekToEnd()
    }
  }

  deinit { try? handle.close() }

  /// Writes `data` at the end.
  ///
  /// - Throws: `TrainingError.io` with the path.
  func append(_ data: Data) throws(TrainingError) {
    try reportingIO("cannot write to \(url.path)") { try handle.write(contentsOf: data) }
  }

  /// Waits until what was written would outlive a power cut.
  func synchronize() throws(TrainingError) {
    try reportingIO("cannot flush \(url.path)") { try handle.synchronize() }
  }
}

/// Runs `body`; an error of Foundation becomes a `TrainingError.io` beginning with `what`.
func reportingIO<Result>(
  _ what: String, _ body: () throws -> Result
) throws(TrainingError) -> Result {
  do {
    return try body()
  } catch {
    throw TrainingError(.io, "\(what): \(error.localizedDescription)")
  }
}
