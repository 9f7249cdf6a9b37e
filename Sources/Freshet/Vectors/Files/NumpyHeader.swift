internal import Foundation

/// What stands before the numbers of a `.npy` file: their kind and the array's shape.
///
/// The format is NumPy's own (NEP 1): six bytes of magic, a version, the length of the header, and
/// the header, a Python dictionary in ASCII.
struct NumpyHeader: Equatable {
  /// Kind of number.
  let numbers: NumpyNumbers
  /// Rows and columns.
  let rows: Int, columns: Int
  /// Where the numbers begin, in bytes.
  let dataOffset: Int

  /// Reads the header of a matrix from the beginning of a file.
  ///
  /// - Throws: `FreshetError.badInput` naming the file when it is no `.npy` file, holds other
  ///   numbers than floats, is in Fortran order, or is no matrix.
  init(reading file: FileHandle, path: String) throws(FreshetError) {
    func problem(_ what: String) -> FreshetError { FreshetError(.badInput, "\(path): \(what)") }
    let cut = problem("is cut short inside its header")
    let head = [UInt8]((try? file.read(upToCount: 12)) ?? Data())
    guard head.starts(with: [0x93] + Array("NUMPY".utf8)) else {
      throw problem("is no NumPy file (.npy)")
    }
    guard head.count == 12 else { throw cut }
    guard (1...3).contains(head[6]) else {
      throw problem("is of version \(head[6]) of the .npy format; 1 to 3 are read")
    }
    // Version 1 has a length of two bytes, the later ones of four.
    let lengthBytes = head[6] == 1 ? 2 : 4
    let length = (0..<lengthBytes).reduce(0) { $0 | Int(head[8 + $1]) << (8 * $1) }
    let start = 8 + lengthBytes
    guard length < 1 << 20 else { throw problem("has a header of \(length) bytes: it is damaged") }
    try? file.seek(toOffset: UInt64(start))
    guard let bytes = try? file.read(upToCount: length), bytes.count == length else { throw cut }
    dataOffset = start + length
    let entries = Entries(String(decoding: bytes, as: UTF8.self))
    numbers = try NumpyNumbers(entries, problem)
    guard entries.isFortran == false else {
      throw problem(
        "is stored column by column (Fortran order): save numpy.ascontiguousarray(array)")
    }
    guard let shape = entries.shape else { throw problem("has a header without a shape") }
    guard shape.count == 2, shape[1] > 0 else {
      let words = shape.map(String.init).joined(separator: ", ")
      throw problem("has the shape (\(words)); vectors are (number, dimension)")
    }
    (rows, columns) = (shape[0], shape[1])
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    guard !overflow, count < Int.max / 16 else {
      throw problem("says it has \(rows) rows of \(columns) numbers: its header is damaged")
    }
  }

  /// What stands before float32 numbers in C order, so that they begin at a multiple of 64 bytes.
  static func written(shape: [Int]) -> Data {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(extents)), }"
    // Magic, version and length take 10 bytes.
    let padding = 63 - (10 + header.utf8.count) % 64
    header += String(repeating: " ", count: padding) + "\n"
    var data = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    data += Data([UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)])
    return data + Data(header.utf8)
  }

  /// The three entries of the dictionary, as far as they can be read.
  struct Entries {
    /// Such as "<f4"; nil for structured kinds.
    let kind: String?
    let isFortran: Bool?
    let shape: [Int]?

    init(_ text: String) {
      kind = text.firstMatch(of: /['"]descr['"]\s*:\s*['"]([^'"]*)['"]/).map { String($0.1) }
      isFortran = text.firstMatch(of: /['"]fortran_order['"]\s*:\s*(True|False)/).map {
        $0.1 == "True"
      }
      shape = text.firstMatch(of: /['"]shape['"]\s*:\s*\(([0-9,\s]*)\)/).flatMap { match in
        let parts = match.1.split(separator: ",").map {
          Int($0.trimmingCharacters(in: .whitespaces))
        }
        // A one-element tuple ends in a comma; blanks alone are no number.
        return parts.contains(nil) && match.1.contains(where: \.isNumber)
          ? nil : parts.compactMap(\.self)
      }
    }
  }
}

/// The kinds of number that are read.
enum NumpyNumbers: String, CaseIterable {
  case half = "<f2"
  case single = "<f4"
  case double = "<f8"

  /// Bytes of one.
  var size: Int {
    switch self {
    case .half: 2
    case .single: 4
    case .double: 8
    }
  }

  fileprivate init(
    _ entries: NumpyHeader.Entries, _ problem: (String) -> FreshetError
  ) throws(FreshetError) {
    guard let kind = entries.kind, let numbers = NumpyNumbers(rawValue: kind) else {
      throw problem(
        "holds numbers of the kind \(entries.kind ?? "of a structure"); float32, float16 and "
          + "float64 in little-endian order are read: save array.astype(\"<f4\")")
    }
    self = numbers
  }

  /// The numbers that lie in `bytes`, as floats; a float64 beyond their range becomes infinite.
  func floats(_ bytes: Data) -> [Float] {
    bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / size).map { i in
        switch self {
        case .half: Float(bytes.loadUnaligned(fromByteOffset: 2 * i, as: Float16.self))
        case .single: bytes.loadUnaligned(fromByteOffset: 4 * i, as: Float.self)
        case .double: Float(bytes.loadUnaligned(fromByteOffset: 8 * i, as: Double.self))
        }
      }
    }
  }
}
