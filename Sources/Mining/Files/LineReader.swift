internal import Foundation

/// Reads a file line by line, holding one line and one chunk of it.
struct LineReader {
  private let handle: FileHandle
  private let file: URL
  private var buffer: [UInt8] = []
  private var start = 0
  /// Number of the line read last, counted from 1.
  private(set) var number = 0

  /// - Throws: `MiningError` (`.io`) when the file cannot be opened.
  init(_ file: URL) throws {
    self.file = file
    do {
      handle = try FileHandle(forReadingFrom: file)
    } catch {
      let reason =
        FileManager.default.fileExists(atPath: file.path)
        ? reason(for: error) : "no such file"
      throw MiningError(.io, "\(file.path): cannot be read: \(reason)")
    }
  }

  /// The next line without its end, or `nil` after the last.
  mutating func next() throws -> Data? {
    var searched = start
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        return take(through: end)
      }
      searched = buffer.count - start
      guard let chunk = try chunk() else {
        return start < buffer.count ? take(through: buffer.count) : nil
      }
      buffer.removeFirst(start)
      start = 0
      buffer += chunk
    }
  }

  private mutating func take(through end: Int) -> Data {
    defer { start = min(end + 1, buffer.count) }
    number += 1
    return Data(buffer[start..<end])
  }

  private func chunk() throws -> Data? {
    do {
      return try handle.read(upToCount: 1 << 16).flatMap { $0.isEmpty ? nil : $0 }
    } catch {
      throw MiningError(.io, "\(file.path): cannot be read: \(reason(for: error))")
    }
  }
}
