internal import Foundation
internal import Store
public import Tensors

/// NumPy's `.npy` files of float32 matrices.
public enum NumpyFile {
  /// Writes a matrix as little-endian float32 in C order, whole or not at all.
  ///
  /// - Throws: `StoreError` (`diskFull`, `io`) naming the file.
  public static func write(_ matrix: Matrix, to path: String) throws {
    let shape = "(\(matrix.rows), \(matrix.columns))"
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
    // Magic, version and length take 10 bytes; data starts at a multiple of 64.
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data += Data([UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)])
    data += Data(header.utf8)
    matrix.elements.withUnsafeBytes { data.append(contentsOf: $0) }
    try DurableFile.write(data, to: URL(fileURLWithPath: path))
  }
}
