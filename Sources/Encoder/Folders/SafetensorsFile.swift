import Foundation
public import Tensors

/// A file of named tensors in the safetensors format, mapped into memory.
///
/// Opening checks the whole header (every offset, length and dtype, no overlap, no gap), so that a
/// damaged file is noticed before a tensor of it is used.
public struct SafetensorsFile: Sendable {
  /// Where it was opened.
  public let path: String
  private let header: SafetensorsHeader
  private let entries: [String: SafetensorsHeader.Entry]
  /// The mapped file.
  private let bytes: Data

  /// Opens a file. Reads the header only; the rest is read when it is touched.
  ///
  /// - Throws: `EncoderError`: `.missingFile`, `.io`, `.damagedFile` (cut or contradictory, naming
  ///   the tensor), `.unsupported` (a dtype nobody knows).
  public init(path: String) throws {
    self.path = path
    bytes = try readFile(URL(filePath: path), options: .alwaysMapped)
    header = try SafetensorsHeader(of: bytes, path: path)
    entries = Dictionary(header.entries.map { ($0.name, $0) }) { first, _ in first }
  }

  /// Names of all tensors, in the order of the data.
  public var names: [String] { header.entries.map(\.name) }

  /// The free text pairs of the header.
  public var metadata: [String: String] { header.metadata }

  /// Extents of a tensor, nil when there is none of this name.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// A tensor as floats: a scalar as 1×1, a vector of n as 1×n, a matrix as it is.
  ///
  /// F32 is lent from the mapped file without a copy when it is aligned; F16 and BF16 are
  /// converted, exactly.
  ///
  /// - Throws: `EncoderError`: `.missingTensor`; `.unsupported` for other dtypes or more than two
  ///   extents; `.io` when the file has gone or been cut since it was opened.
  public func matrix(_ name: String) throws -> Matrix {
    let (entry, storage) = try floatEntry(name)
    guard entry.shape.count <= 2 else {
      throw EncoderError(
        .unsupported,
        "\(path): tensor \"\(name)\" has shape \(entry.shape), two extents are the most")
    }
    let columns = entry.shape.last ?? 1
    let rows = entry.shape.count == 2 ? entry.shape[0] : 1
    guard storage == .float32, entry.range.lowerBound % 4 == 0 else {
      return Matrix(rows: rows, columns: columns, elements: storage.floats(bytes[entry.range]))
    }
    do {
      return try Matrix(
        mapping: path, rows: rows, columns: columns, byteOffset: entry.range.lowerBound)
    } catch {
      throw EncoderError(.io, "tensor \"\(name)\": \(error)")
    }
  }

  /// Hands out a tensor's values as little-endian float32 bytes, part after part, however stored.
  func forEachPart(of name: String, _ body: (Data) throws -> Void) throws {
    let (entry, storage) = try floatEntry(name)
    guard storage != .float32 else { return try body(bytes[entry.range]) }
    let part = 1 << 16
    for start in stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: part) {
      let end = min(start + part, entry.range.upperBound)
      try body(FloatStorage.bytes(storage.floats(bytes[start..<end])))
    }
  }

  private func floatEntry(
    _ name: String
  ) throws -> (entry: SafetensorsHeader.Entry, storage: FloatStorage) {
    guard let entry = entries[name] else {
      throw EncoderError(.missingTensor, "\(path) has no tensor \"\(name)\"")
    }
    guard let storage = FloatStorage(rawValue: entry.dtype) else {
      throw EncoderError(
        .unsupported,
        "\(path): tensor \"\(name)\" is stored as \(entry.dtype), Freshet reads F32, F16 and BF16")
    }
    return (entry, storage)
  }
}
