internal import Foundation
public import Tensors

/// The vectors of a file, `.npy` or `.fvecs`, a row each, read block by block: memory stays small
/// however many there are.
///
/// Of `.npy`, float32, float16 and float64 in C order are read. One owner at a time.
public final class VectorFile {
  /// The file as the user named it.
  public let path: String
  /// Number of vectors, and their dimension.
  public var rows: Int { layout.rows }
  public var columns: Int { layout.columns }

  private let layout: VectorLayout
  private let file: FileHandle

  /// Opens a file and checks that it is whole.
  ///
  /// - Parameter path: is taken for `.fvecs` when it ends so, else for NumPy's.
  /// - Throws: `FreshetError.badInput` naming the file: it cannot be read, is not of that format,
  ///   holds other numbers, is in Fortran order, is no matrix, or is shorter or longer than it says.
  public init(path: String) throws(FreshetError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FreshetError(.badInput, "\(path): no such file")
    }
    guard !isFolder.boolValue else {
      throw FreshetError(
        .badInput, "\(path): is a folder, a NumPy file (.npy) or .fvecs was expected")
    }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw FreshetError(.badInput, "\(path): cannot be opened for reading")
    }
    self.path = path
    self.file = file
    layout = try VectorLayout(reading: file, path: path)
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
    do {
      if layout.isMappable {
        return try Matrix(
          mapping: path, rows: range.count, columns: columns,
          byteOffset: layout.start + range.lowerBound * layout.rowBytes)
      }
      var result = Matrix(rows: range.count, columns: columns)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: rowsPerBlock) {
        let rows = start..<min(start + rowsPerBlock, range.upperBound)
        result.setRows(startingAt: start - range.lowerBound, to: try read(rows))
      }
      return result
    } catch let error as FreshetError {
      throw error
    } catch {
      throw FreshetError(.badInput, "\(path): \(FreshetError.words(for: error))")
    }
  }

  private func read(_ range: Range<Int>) throws -> Matrix {
    let count = range.count * layout.rowBytes
    try file.seek(toOffset: UInt64(layout.start + range.lowerBound * layout.rowBytes))
    let bytes = try file.read(upToCount: count) ?? Data()
    guard bytes.count == count else {
      throw FreshetError(.badInput, "\(path): was cut while it was read")
    }
    return Matrix(
      rows: range.count, columns: columns,
      elements: try layout.floats(bytes, first: range.lowerBound, path: path))
  }
}

extension VectorFile {
  /// The file of that name in a folder, NumPy's when there are two.
  convenience init(_ name: String, in folder: URL) throws(FreshetError) {
    let paths = [".npy", ".fvecs"].map { folder.appendingPathComponent(name + $0).path }
    try self.init(path: paths.first(where: FileManager.default.fileExists) ?? paths[0])
  }

  /// Writes a matrix as little-endian float32, whole or not at all.
  ///
  /// - Parameter path: gets the format `.fvecs` when it ends so, else NumPy's.
  /// - Throws: `StoreError` (`diskFull`, `io`) naming the file.
  public static func write(_ matrix: Matrix, to path: String) throws {
    var writer = try VectorWriter(path: path, rows: matrix.rows, columns: matrix.columns)
    try writer.append(matrix.elements)
    try writer.finish()
  }
}
