internal import Foundation

/// How the rows of a file of vectors lie in it.
struct VectorLayout: Equatable {
  let rows: Int, columns: Int
  let numbers: NumpyNumbers
  /// Where the first row begins, in bytes.
  let start: Int
  /// Bytes before the numbers of each row: `.fvecs` says there how many follow.
  let prefix: Int

  var rowBytes: Int { prefix + columns * numbers.size }

  /// Whether the numbers can be used where they lie.
  var isMappable: Bool { numbers == .single && prefix == 0 && start % 4 == 0 }

  /// - Throws: `FreshetError.badInput` naming the file when it is not of the format its name tells,
  ///   or not whole.
  init(reading file: FileHandle, path: String) throws(FreshetError) {
    let size = Int((try? file.seekToEnd()) ?? 0)
    try? file.seek(toOffset: 0)
    switch VectorFileFormat(path: path) {
    case .numpy: self.init(try NumpyHeader(reading: file, path: path))
    case .fvecs: try self.init(fvecs: file, size: size, path)
    }
    let needed = start + rows * rowBytes
    guard size == needed else {
      throw FreshetError(
        .badInput,
        "\(path): (\(rows), \(columns)) numbers of \(numbers.size) bytes need \(needed) bytes with "
          + "the header, the file has \(size): it "
          + (size < needed ? "was cut or is not finished" : "is not what its header says"))
    }
  }

  private init(_ header: NumpyHeader) {
    (rows, columns, numbers) = (header.rows, header.columns, header.numbers)
    (start, prefix) = (header.dataOffset, 0)
  }

  private init(fvecs file: FileHandle, size: Int, _ path: String) throws(FreshetError) {
    guard let bytes = try? file.read(upToCount: 4), bytes.count == 4 else {
      throw FreshetError(.badInput, "\(path): is no .fvecs file: it is empty")
    }
    (numbers, start, prefix) = (.single, 0, 4)
    columns = Self.length(bytes)
    guard (1...1 << 20).contains(columns), size % (4 + 4 * columns) == 0 else {
      throw FreshetError(
        .badInput,
        "\(path): is no whole .fvecs file: it begins with \(columns) as the dimension of the first "
          + "row, and has \(size) bytes")
    }
    rows = size / (4 + 4 * columns)
  }

  /// The number that a row of `.fvecs` begins with.
  private static func length(_ bytes: Data) -> Int {
    bytes.withUnsafeBytes { Int(Int32(littleEndian: $0.loadUnaligned(as: Int32.self))) }
  }

  /// The numbers of whole rows, as floats.
  ///
  /// - Parameters:
  ///   - bytes: of the rows from `first` on.
  /// - Throws: `FreshetError.badInput` for a row that says it has another dimension.
  func floats(_ bytes: Data, first: Int, path: String) throws(FreshetError) -> [Float] {
    if prefix == 0 { return numbers.floats(bytes) }
    var floats: [Float] = []
    floats.reserveCapacity(bytes.count / rowBytes * columns)
    for (i, start) in stride(from: bytes.startIndex, to: bytes.endIndex, by: rowBytes).enumerated() {
      let length = Self.length(bytes[start...])
      guard length == columns else {
        throw FreshetError(
          .badInput,
          "\(path): row \(first + i) says it has \(length) numbers, row 0 has \(columns): it is "
            + "damaged, or no .fvecs file")
      }
      floats += numbers.floats(bytes[start + prefix..<start + rowBytes])
    }
    return floats
  }
}
