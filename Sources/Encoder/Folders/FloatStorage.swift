import Foundation

/// How floats lie in a file. All three are little-endian, like every machine Swift runs on.
enum FloatStorage: String, CaseIterable {
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"

  /// Bytes per element.
  var size: Int { self == .float32 ? 4 : 2 }

  /// The floats stored in `bytes`, exactly: every number of the three is also a `Float`.
  func floats(_ bytes: Data) -> [Float] {
    let source = bytes.span
    let count = source.count / size
    return Array(capacity: count) { target in
      switch self {
      case .float32:
        for i in 0..<count { target.append(Float(bitPattern: word(source, 4 * i))) }
      case .float16:
        for i in 0..<count { target.append(Float(Float16(bitPattern: half(source, 2 * i)))) }
      case .bfloat16:
        for i in 0..<count {
          target.append(Float(bitPattern: UInt32(half(source, 2 * i)) << 16))
        }
      }
    }
  }

  /// The bytes of `values` as they lie in an F32 file.
  static func bytes(_ values: [Float]) -> Data { values.withUnsafeBytes { Data($0) } }
}

private func half(_ bytes: Span<UInt8>, _ i: Int) -> UInt16 {
  UInt16(bytes[i]) | UInt16(bytes[i + 1]) << 8
}

private func word(_ bytes: Span<UInt8>, _ i: Int) -> UInt32 {
  UInt32(half(bytes, i)) | UInt32(half(bytes, i + 2)) << 16
}
