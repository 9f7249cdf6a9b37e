internal import Foundation
public import Tensors

/// The vectors of a `.npy` file, a row each, read block by block: memory stays small however many
/// there are.
///
/// Float32, float16 and float64 in C order are read. One owner at a time.
public final class NumpyVectors {
  /// The file as the user named it.
  public let path: String
  /// Number of vectors, and their dimension.
  public let rows: Int, columns: Int

  private let header: NumpyHeader
  private let file: FileHandle

  /// Opens a file and checks that it is whole.
  ///
  /// - Throws: `FreshetError.badInput` naming the file: it cannot be read, is no `.npy` file, holds
  ///   other numbers, is in Fortran order, is no matrix, or is shorter or longer than it says.
  public init(path: String) throws(FreshetError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FreshetError(.badInput, "\(path): no such file")
    }
    guard !isFolder.boolValue else {
      throw FreshetError(.badInput, "\(path): is a folder, a NumPy file (.npy) was expected")
    }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw FreshetError(.badInput, "\(path): cannot be opened for reading")
    }
    self.path = path
    self.file = file
    header = try NumpyHeader(reading: file, path: path)
    (rows, columns) = (header.rows, header.columns)
    let needed = header.dataOffset + header.dataBytes
    let size = Int((try? file.seekToEnd()) ?? 0)
    guard size == needed else {
      throw FreshetError(
        .badInput,
        "\(path): (\(rows), \(columns)) numbers of \(header.numbers.size) bytes need \(needed) "
          + "bytes with the header, the file has \(size): it "
          + (size < needed ? "was cut or is not finished" : "is not what its header says"))
    }
  }

  deinit { try? file.close() }

  /// Consecutive rows, every number finite.
  ///
  /// - Returns: `(range.count, columns)`; float32 numbers are mapped, not copied.
  /// - Throws: `FreshetError.badInput` naming file, row and column of NaN or infinity, or the file
  ///   when it cannot be read any more.
  public func block(_ range: Range<Int>) throws(FreshetError) -> Matrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows,
      "rows \(range) of \(path), which has \(rows)"
    )
    let block = try unchecked(range)
    if let place = block.firstNonFinite() {
      throw FreshetError(
        .badInput,
        "\(path): row \(range.lowerBound + place.row) is not finite at column \(place.column) "
          + "(\(block[place.row, place.column])): encode it again")
    }
    return block
  }

  /// All rows.
  public func all() throws(FreshetError) -> Matrix { try block(0..<rows) }

  /// The given rows, in the given order; memory for them and one block.
  public func gathering(_ wanted: [Int]) throws(FreshetError) -> Matrix {
    let order = wanted.indices.sorted { wanted[$0] < wanted[$1] }
    var result = Matrix(rows: wanted.count, columns: columns)
    var next = 0
    while next < order.count {
      let start = wanted[order[next]]
      let rows = start..<min(start + rowsPerBlock, self.rows)
      var end = next
      while end < order.count, wanted[order[end]] < rows.upperBound { end += 1 }
      let span = start..<wanted[order[end - 1]] + 1
      let block = try unchecked(span)
      for i in order[next..<end] {
        let row = block[rows: wanted[i] - start..<wanted[i] - start + 1]
        result.setRows(startingAt: i, to: row)
      }
      next = end
    }
    return try checked(result, wanted)
  }

  /// Rows whose numbers take about 16 MiB.
  var rowsPerBlock: Int { max(1, (16 << 20) / (4 * columns)) }

  private func checked(_ rows: Matrix, _ wanted: [Int]) throws(FreshetError) -> Matrix {
    // Read alone, the row that is not finite is complained of by its own number.
    if let row = (rows.firstNonFinite()?.row).map({ wanted[$0] }) { _ = try block(row..<row + 1) }
    return rows
  }

  private func unchecked(_ range: Range<Int>) throws(FreshetError) -> Matrix {
    let rowBytes = columns * header.numbers.size
    let start = header.dataOffset + range.lowerBound * rowBytes
    do {
      if header.numbers == .single, start % 4 == 0 {
        return try Matrix(
          mapping: path, rows: range.count, columns: columns, byteOffset: start)
      }
      try file.seek(toOffset: UInt64(start))
      let bytes = try file.read(upToCount: range.count * rowBytes) ?? Data()
      guard bytes.count == range.count * rowBytes else {
        throw FreshetError(.badInput, "\(path): was cut while it was read")
      }
      return Matrix(
        rows: range.count, columns: columns, elements: header.numbers.floats(bytes))
    } catch let error as FreshetError {
      throw error
    } catch {
      throw FreshetError(.badInput, "\(path): \(FreshetError.words(for: error))")
    }
  }
}
