internal import Foundation

/// Appends lines to a file through a buffer.
struct LineWriter {
  private let handle: FileHandle
  private let file: URL
  private var buffer: [UInt8] = []
  fileprivate private(set) var lineCount = 0

  /// - Parameters:
  ///   - handle: open for writing.
  ///   - file: the name that errors give.
  init(_ handle: FileHandle, named file: URL) {
    self.handle = handle
    self.file = file
  }

  mutating func append(_ line: String) throws(MiningError) {
    try write(line + "\n")
    lineCount += 1
  }

  /// Text that is no line of its own.
  mutating func write(_ text: String) throws(MiningError) {
    buffer += text.utf8
    if buffer.count >= 1 << 18 { try flush() }
  }

  /// Hands what is buffered to the system, and waits until it is on the disk.
  mutating func finish() throws(MiningError) {
    try flush()
    try naming(file) { try handle.synchronize() }
  }

  private mutating func flush() throws(MiningError) {
    try naming(file) { try handle.write(contentsOf: Data(buffer)) }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// Writes a file of lines that appears whole or not at all.
///
/// Lines go to a file beside it, which is flushed to disk and takes the final name at the end; when
/// anything fails it is removed, and a former file of that name stays as it was.
/// - Returns: the number of lines written.
/// - Throws: `MiningError` (`.io`) naming the file; what `body` throws.
func writeLines(to file: URL, _ body: (inout LineWriter) throws -> Void) throws -> Int {
  let partial = file.deletingLastPathComponent().appendingPathComponent(
    ".\(file.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).partial")
  try naming(file) { try Data().write(to: partial) }
  do {
    let handle = try naming(file) { try FileHandle(forWritingTo: partial) }
    defer { try? handle.close() }
    var writer = LineWriter(handle, named: file)
    try body(&writer)
    try writer.finish()
    guard rename(partial.path, file.path) == 0 else {
      throw MiningError(
        .io, "\(file.path): cannot be replaced: \(String(cString: strerror(errno)))")
    }
    return writer.lineCount
  } catch {
    try? FileManager.default.removeItem(at: partial)
    throw error
  }
}

/// Turns Foundation's errors into one that names the file.
private func naming<T>(_ file: URL, _ work: () throws -> T) throws(MiningError) -> T {
  do {
    return try work()
  } catch {
    let folder = file.deletingLastPathComponent().path
    let reason =
      FileManager.default.fileExists(atPath: folder) ? reason(for: error) : "no such folder"
    throw MiningError(.io, "\(file.path): cannot be written: \(reason)")
  }
}

/// The system's own words (such as "No space left on device") where the error carries them.
func reason(for error: any Error) -> String {
  let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
  let deepest = underlying ?? (error as NSError)
  guard deepest.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
  return String(cString: strerror(Int32(deepest.code)))
}
