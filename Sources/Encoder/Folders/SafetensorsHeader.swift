import Foundation

/// The header of a safetensors file, checked: which tensor lies where.
///
/// A file is 8 bytes of header length N (little-endian), N bytes of JSON
/// `{name: {dtype, shape, data_offsets: [begin, end]}}`, then the data, which the tensors cover
/// without gap or overlap.
struct SafetensorsHeader: Sendable {
  /// Where one tensor lies and how it is stored.
  struct Entry: Sendable {
    let name: String
    let dtype: String
    let shape: [Int]
    /// Bytes in the file.
    let range: Range<Int>
  }

  /// In the order of the data.
  let entries: [Entry]
  let metadata: [String: String]

  /// Longest header that safetensors itself accepts.
  private static let longest = 100_000_000

  /// Bytes per element of every dtype that safetensors stores in whole bytes.
  private static let sizes = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "I16": 2, "U16": 2,
    "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "F64": 8, "I64": 8, "U64": 8, "C64": 8,
  ]

  /// Reads and checks the header of a whole file's `bytes`.
  ///
  /// - Throws: `EncoderError` `.damagedFile` or `.unsupported` naming `path` and the tensor.
  init(of bytes: Data, path: String) throws {
    let start = try Self.dataStart(of: bytes, path: path)
    let raw = try decodeJSON(
      RawHeader.self, from: Data(bytes.prefix(start).dropFirst(8)), file: "the header of \(path)")
    metadata = raw.metadata
    entries = try raw.tensors
      .map { try Self.entry($0, $1, dataStart: start, fileSize: bytes.count, path: path) }
      .sorted {
        ($0.range.lowerBound, $0.range.upperBound, $0.name)
          < ($1.range.lowerBound, $1.range.upperBound, $1.name)
      }
    try Self.checkCoverage(entries, of: start..<bytes.count, path: path)
  }

  /// Where the data begins: the header length, checked against the file's size.
  private static func dataStart(of bytes: Data, path: String) throws -> Int {
    if bytes.starts(with: Data("version https://git-lfs".utf8)) {
      throw EncoderError(
        .damagedFile,
        "\(path) is a Git LFS pointer, not the weights; run `git lfs pull` in its folder")
    }
    guard bytes.count >= 8 else {
      throw EncoderError(
        .damagedFile,
        "\(path) has \(bytes.count) bytes, a safetensors file begins with 8 bytes of header "
          + "length: it was cut; copy it again")
    }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(longest) else {
      throw EncoderError(
        .damagedFile, "\(path) is not a safetensors file: its header would be \(length) bytes long")
    }
    guard Int(length) <= bytes.count - 8 else {
      throw EncoderError(
        .damagedFile,
        "\(path) was cut within its header: \(length) bytes are announced, \(bytes.count - 8) are "
          + "there; copy it again")
    }
    return 8 + Int(length)
  }

  private static func entry(
    _ name: String, _ tensor: RawTensor, dataStart: Int, fileSize: Int, path: String
  ) throws -> Entry {
    func damaged(_ reason: String) -> EncoderError {
      EncoderError(.damagedFile, "\(path): tensor \"\(name)\" \(reason); copy the file again")
    }
    guard let size = sizes[tensor.dtype] else {
      throw EncoderError(
        .unsupported,
        "\(path): tensor \"\(name)\" is stored as \(tensor.dtype), which Freshet does not know")
    }
    let shape = tensor.shape.compactMap { Int(exactly: $0) }
    guard shape.count == tensor.shape.count, let bytes = byteCount(shape, elementSize: size) else {
      throw damaged("has the impossible shape \(tensor.shape)")
    }
    let offsets = tensor.data_offsets.compactMap { Int(exactly: $0) }
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw damaged("has the impossible offsets \(tensor.data_offsets)")
    }
    guard offsets[1] - offsets[0] == bytes else {
      throw damaged(
        "of shape \(shape) needs \(bytes) bytes, its offsets give \(offsets[1] - offsets[0])")
    }
    guard offsets[1] <= fileSize - dataStart else {
      throw damaged(
        "ends beyond the file, which was cut: it has \(fileSize - dataStart) bytes of data, "
          + "\(offsets[1]) are needed")
    }
    return Entry(
      name: name, dtype: tensor.dtype, shape: shape,
      range: dataStart + offsets[0]..<dataStart + offsets[1])
  }

  /// Bytes of a tensor, nil when the shape is negative or too large to exist.
  private static func byteCount(_ shape: [Int], elementSize: Int) -> Int? {
    var bytes = elementSize
    for extent in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      bytes = product
    }
    return bytes
  }

  /// Throws unless the entries, in the order of the data, cover `data` exactly.
  private static func checkCoverage(
    _ entries: [Entry], of data: Range<Int>, path: String
  ) throws {
    var (end, previous) = (data.lowerBound, "the header")
    for entry in entries {
      guard entry.range.lowerBound == end else {
        let what = entry.range.lowerBound < end ? "overlaps" : "leaves a gap after"
        throw EncoderError(
          .damagedFile,
          "\(path): tensor \"\(entry.name)\" \(what) \(previous); copy the file again")
      }
      (end, previous) = (entry.range.upperBound, "\"\(entry.name)\"")
    }
    guard end == data.upperBound else {
      throw EncoderError(
        .damagedFile,
        "\(path): \(data.upperBound - end) bytes after \(previous) belong to no tensor; "
          + "copy the file again")
    }
  }
}

/// One tensor as the JSON of the header has it.
private struct RawTensor: Decodable {
  let dtype: String
  // As numbers of any kind: JSONDecoder does not say which tensor has 1.5 for an integer.
  let shape: [Double]
  let data_offsets: [Double]
}

/// The JSON of the header: tensors by name, and perhaps `__metadata__`.
private struct RawHeader: Decodable {
  var metadata: [String: String] = [:]
  var tensors: [(String, RawTensor)] = []

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Swift.Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        tensors.append((key.stringValue, try container.decode(RawTensor.self, forKey: key)))
      }
    }
  }
}
