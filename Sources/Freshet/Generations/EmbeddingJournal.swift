internal import Foundation
internal import Store
internal import Tensors

/// Embeddings on their way into a generation: what an interrupted run had finished is not encoded
/// again.
///
/// One file per encoder, `partial/<fingerprint>.journal`, of records: the 64 hexadecimal characters
/// of the text's hash, then the floats. A record cut short by a crash is dropped.
final class EmbeddingJournal {
  private static let hashLength = 64
  private let url: URL
  private let dimension: Int
  private let handle: FileHandle
  private var places: [String: Int] = [:]
  private var vectors: [Float] = []

  private var recordBytes: Int { Self.hashLength + dimension * MemoryLayout<Float>.size }

  /// Opens or makes the journal of an encoder and reads what is in it.
  init(collection folder: URL, fingerprint: String, dimension: Int) throws {
    self.dimension = dimension
    let partial = folder.appendingPathComponent("partial", isDirectory: true)
    url = partial.appendingPathComponent("\(fingerprint).journal")
    do {
      let files = FileManager.default
      try files.createDirectory(at: partial, withIntermediateDirectories: true)
      if !files.fileExists(atPath: url.path) { try Data().write(to: url) }
      handle = try FileHandle(forUpdating: url)
    } catch {
      throw StoreError(
        .io, "cannot open \(url.path) for writing: \(FreshetError.words(for: error))")
    }
    try readRecords()
  }

  deinit { try? handle.close() }

  private func readRecords() throws {
    let whole = try handle.readToEnd() ?? Data()
    let count = whole.count / recordBytes
    for i in 0..<count {
      let start = whole.startIndex + i * recordBytes
      let middle = start + Self.hashLength
      let hash = String(decoding: whole[start..<middle], as: UTF8.self)
      keep(hash, Self.floats(whole[middle..<start + recordBytes]))
    }
    try handle.truncate(atOffset: UInt64(count * recordBytes))
  }

  private static func floats(_ bytes: Data) -> [Float] {
    [Float](unsafeUninitializedCapacity: bytes.count / 4) { floats, count in
      count = bytes.copyBytes(to: UnsafeMutableRawBufferPointer(floats)) / 4
    }
  }

  private func keep(_ hash: String, _ vector: [Float]) {
    guard places[hash] == nil, vector.allSatisfy(\.isFinite) else { return }
    places[hash] = places.count
    vectors += vector
  }

  /// Whether the text of this hash is there.
  func contains(_ hash: String) -> Bool { places[hash] != nil }

  /// The embedding of a text, by its hash.
  func vector(_ hash: String) -> ArraySlice<Float>? {
    places[hash].map { vectors[$0 * dimension..<($0 + 1) * dimension] }
  }

  /// Adds the embeddings of texts, `(hashes.count, dimension)`, and flushes them to the disk.
  func append(_ hashes: [String], _ embeddings: Matrix) throws {
    var bytes = Data()
    for (i, hash) in hashes.enumerated() {
      let row = embeddings.row(i)
      bytes += Data(hash.utf8)
      row.withUnsafeBytes { bytes.append(contentsOf: $0) }
      keep(hash, row)
    }
    do {
      try handle.write(contentsOf: bytes)
      try handle.synchronize()
    } catch {
      throw StoreError(
        .diskFull, "\(url.path): cannot write \(bytes.count) bytes "
          + "(\(FreshetError.words(for: error))); free some space and run the command again: "
          + "what is encoded so far is kept")
    }
  }

  /// Removes the file: its content has become a generation.
  func remove() { try? FileManager.default.removeItem(at: url) }
}
