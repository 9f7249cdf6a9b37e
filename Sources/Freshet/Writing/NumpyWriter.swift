internal import Foundation
internal import Store
internal import Tensors

/// Writes a `.npy` file of float32 block by block beside its final name; only `finish` gives it
/// that name. A writer released without `finish` leaves nothing.
final class NumpyWriter {
  private let path: URL, temporary: URL
  private let file: FileHandle
  private var missing: Int
  private var isFinished = false

  /// Starts a file of little-endian float32 numbers in C order.
  ///
  /// - Parameters:
  ///   - shape: how many numbers there will be: `[rows, columns]`, or `[count]`.
  /// - Throws: `StoreError.io` naming the file when it cannot be made there.
  init(path: String, shape: [Int]) throws {
    self.path = URL(fileURLWithPath: path)
    temporary = self.path.deletingLastPathComponent()
      .appendingPathComponent(".\(self.path.lastPathComponent).\(UUID().uuidString).partial")
    missing = shape.reduce(1, *)
    let temporary = temporary
    file = try Self.naming(self.path) {
      try Data().write(to: temporary)
      return try FileHandle(forWritingTo: temporary)
    }
    try Self.naming(self.path) { try file.write(contentsOf: NumpyFile.header(shape: shape)) }
  }

  deinit {
    try? file.close()
    if !isFinished { try? FileManager.default.removeItem(at: temporary) }
  }

  /// Writes the next numbers.
  ///
  /// - Throws: `StoreError.io` naming the file: a full disk, for one.
  func append(_ numbers: [Float]) throws {
    precondition(numbers.count <= missing, "\(numbers.count) numbers where \(missing) are missing")
    try Self.naming(path) { try file.write(contentsOf: numbers.withUnsafeBytes { Data($0) }) }
    missing -= numbers.count
  }

  /// Flushes the file and gives it its name, replacing an earlier file of that name.
  func finish() throws {
    precondition(missing == 0, "\(missing) numbers of \(path.path) are missing")
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
