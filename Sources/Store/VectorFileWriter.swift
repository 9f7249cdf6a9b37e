import Crypto
public import Foundation
import Glibc

#if _endian(big)
  #error("vector files are little-endian and are mapped into memory as they are")
#endif

/// Writes one vector file beside its final name; only `finish` gives it that name.
///
/// One owner at a time. A writer released without `finish`, or one that failed, leaves nothing.
public final class VectorFileWriter {
  /// The final name.
  public let path: URL
  /// Floats per row.
  public let columns: Int
  /// Rows appended so far.
  public private(set) var rows = 0

  private enum State { case writing, failed, finished }

  private let temporary: URL
  private let file: SystemFile
  private var hash = SHA256()
  private var state = State.writing

  /// Starts a file of rows of `columns` floats that will be named `path`.
  ///
  /// - Throws: `StoreError` (`diskFull`, `io`) naming the file.
  public init(path: URL, columns: Int) throws {
    precondition(columns > 0, "a vector has at least one column, was \(columns)")
    self.path = path
    self.columns = columns
    temporary = DurableFile.temporaryURL(beside: path)
    file = try SystemFile(creating: temporary)
  }

  deinit {
    if state != .finished { unlink(temporary.path) }
  }

  /// Appends whole rows, `values.count / columns` of them.
  ///
  /// - Throws: `StoreError.invalidArgument` naming row and column of a NaN or infinity, or for a
  ///   broken row: nothing of this call was then written, and the writer goes on;
  ///   `diskFull` or `io` naming the file: the writer is then of no more use.
  /// - Complexity: O(values.count); one system call.
  public func append(_ values: Span<Float>) throws {
    try requireWriting()
    guard values.count % columns == 0 else {
      throw StoreError(
        .invalidArgument,
        "\(path.path): \(values.count) values are not whole rows of \(columns) columns")
    }
    try refuseNonFinite(values)
    do {
      try values.withUnsafeBytes {
        try file.write($0)
        hash.update(bufferPointer: $0)
      }
    } catch {
      abandon()
      throw error
    }
    rows += values.count / columns
  }

  /// Appends whole rows; see `append(_: Span<Float>)`.
  public func append(_ values: [Float]) throws {
    try append(values.span)
  }

  /// Flushes the file and gives it its name, replacing an earlier file of that name.
  ///
  /// - Returns: the number of rows and the SHA-256 (lower-case hex) of the file's bytes.
  /// - Throws: `StoreError` (`diskFull`, `io`) naming the file; nothing is then left.
  public func finish() throws -> (rows: Int, sha256: String) {
    try requireWriting()
    do {
      try file.synchronizeAndClose()
      try DurableFile.rename(temporary, to: path)
    } catch {
      abandon()
      throw error
    }
    state = .finished
    return (rows, hexadecimal(hash.finalize()))
  }

  private func abandon() {
    unlink(temporary.path)
    state = .failed
  }

  private func requireWriting() throws {
    precondition(state != .finished, "\(path.path) is finished: make another writer")
    guard state == .writing else {
      throw StoreError(.io, "\(path.path) failed before and was given up: write it anew")
    }
  }

  /// Finds the first value that is no number; its row is counted from the file's beginning.
  private func refuseNonFinite(_ values: Span<Float>) throws {
    for i in values.indices where !values[i].isFinite {
      throw StoreError(
        .invalidArgument,
        "\(path.path): \(values[i]) at row \(rows + i / columns), column \(i % columns): "
          + "a stored vector has only finite values")
    }
  }
}
