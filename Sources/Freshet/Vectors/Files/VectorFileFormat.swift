internal import Foundation

/// The files of vectors that are read and written, told by how their names end.
public enum VectorFileFormat: String, Sendable, Codable, CaseIterable {
  /// NumPy's `.npy`: a header, then the numbers.
  case numpy = "npy"
  /// `.fvecs` of the TEXMEX collections: before each row's float32 numbers, how many they are
  /// (int32).
  case fvecs

  init(path: String) {
    self = path.hasSuffix(".fvecs") ? .fvecs : .numpy
  }

  /// What stands before the first row of float32 numbers, little-endian, in C order.
  ///
  /// - Parameter columns: nil for an array of one dimension.
  func header(rows: Int, columns: Int?) -> Data {
    switch self {
    case .numpy: NumpyHeader.written(shape: [rows] + (columns.map { [$0] } ?? []))
    case .fvecs: Data()
    }
  }

  /// What stands before the numbers of each row.
  func prefix(columns: Int) -> Data {
    switch self {
    case .numpy: Data()
    case .fvecs: withUnsafeBytes(of: Int32(columns).littleEndian) { Data($0) }
    }
  }
}
