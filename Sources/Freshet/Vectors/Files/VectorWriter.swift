internal import Foundation

/// Writes a `.npy` or `.fvecs` file of float32 block by block; it appears with `finish`, or not.
struct VectorWriter {
  private let file: PartialFile
  private let path: String
  private let columns: Int
  private let prefix: Data
  private var missing: Int

  /// Starts a file of little-endian numbers in C order.
  ///
  /// - Parameters:
  ///   - path: its end tells the format.
  ///   - columns: how many numbers a row has; nil for rows that are a number each.
  /// - Throws: `StoreError.io` naming the file when it cannot be made there.
  init(path: String, rows: Int, columns: Int? = nil) throws {
    let format = VectorFileFormat(path: path)
    file = try PartialFile(path: path)
    self.path = path
    self.columns = columns ?? 1
    prefix = format.prefix(columns: self.columns)
    missing = rows * self.columns
    try file.write(format.header(rows: rows, columns: columns))
  }

  /// Writes the next numbers, which are whole rows.
  ///
  /// - Throws: `StoreError.io` naming the file: a full disk, for one.
  mutating func append(_ numbers: [Float]) throws {
    precondition(
      numbers.count <= missing && numbers.count % columns == 0,
      "\(numbers.count) numbers in rows of \(columns) where \(missing) are missing")
    try file.write(bytes(of: numbers))
    missing -= numbers.count
  }

  private func bytes(of numbers: [Float]) -> Data {
    numbers.withUnsafeBytes { bytes in
      if prefix.isEmpty { return Data(bytes) }
      let rowBytes = columns * MemoryLayout<Float>.size
      var data = Data(capacity: bytes.count + bytes.count / rowBytes * prefix.count)
      for start in stride(from: 0, to: bytes.count, by: rowBytes) {
        data += prefix
        data.append(contentsOf: bytes[start..<start + rowBytes])
      }
      return data
    }
  }

  /// Flushes the file and gives it its name, replacing an earlier file of that name.
  func finish() throws {
    precondition(missing == 0, "\(missing) numbers of \(path) are missing")
    try file.finish()
  }
}
