internal import Foundation
internal import Store
public import Tensors

/// NumPy's `.npy` files of float32 matrices.
public enum NumpyFile {
  /// Writes a matrix as little-endian float32 in C order, whole or not at all.
  ///
  /// - Throws: `StoreError` (`diskFull`, `io`) naming the file.
  public static func write(_ matrix: Matrix, to path: String) throws {
    var data = header(shape: [matrix.rows, matrix.columns])
    matrix.elements.withUnsafeBytes { data.append(contentsOf: $0) }
    try DurableFile.write(data, to: URL(fileURLWithPath: path))
  }

  /// Everything before the numbers, which begin at a multiple of 64 bytes.
  static func header(shape: [Int]) -> Data {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    // Magic, version and length take 10 bytes.
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data += Data([UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)])
    return data + Data(header.utf8)
  }
}
