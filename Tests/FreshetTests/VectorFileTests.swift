import Foundation
import Freshet
import Tensors
import TestSupport
import Testing

/// What Freshet reads of NumPy's files, and what it says of those it does not read.
@Suite("Vectors in NumPy files") struct VectorFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A file with any header.
  func file(_ header: String, _ data: Data, version: UInt8 = 1) throws -> String {
    let length = header.utf8.count
    let bytes = version == 1 ? [length & 0xFF, length >> 8] : [length & 0xFF, length >> 8, 0, 0]
    let path = folder.path("x.npy")
    let magic = Data([0x93]) + Data("NUMPY".utf8) + Data([version, 0])
    let head = magic + Data(bytes.map { UInt8($0) }) + Data(header.utf8)
    try (head + data).write(to: URL(fileURLWithPath: path))
    return path
  }

  func header(_ kind: String, _ rows: Int, _ columns: Int) -> String {
    "{'descr': '\(kind)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }\n"
  }

  @Test("float16, float32 and float64, whole, by blocks and by rows", arguments: [
    "<f2", "<f4", "<f8",
  ])
  func kinds(kind: String) throws {
    let values = (0..<5 * 7).map { Float($0) / 8 - 2 }
    var data = Data()
    for value in values {
      switch kind {
      case "<f2": withUnsafeBytes(of: Float16(value).bitPattern) { data.append(contentsOf: $0) }
      case "<f4": withUnsafeBytes(of: value) { data.append(contentsOf: $0) }
      default: withUnsafeBytes(of: Double(value)) { data.append(contentsOf: $0) }
      }
    }
    // A header of any length: the numbers begin at 4 bytes' bounds, or not.
    for blanks in 0..<4 {
      for version in [1, 2, 3] as [UInt8] {
        let text = header(kind, 5, 7) + String(repeating: " ", count: blanks)
        let vectors = try VectorFile(path: file(text, data, version: version))
        #expect(vectors.rows == 5 && vectors.columns == 7)
        #expect(try vectors.all().elements == values)
        #expect(try vectors.block(2..<4).elements == Array(values[14..<28]))
        #expect(try vectors.block(3..<3).rows == 0)
        let rows = try vectors.gathering([4, 0, 3])
        #expect(rows.row(0) == Array(values[28...]) && rows.row(1) == Array(values[..<7]))
        #expect(rows.row(2) == Array(values[21..<28]))
      }
    }
  }

  @Test("headers as others write them", arguments: [
    "{\"shape\": (2,3), \"fortran_order\": False, \"descr\": \"<f4\"}",
    "{'descr':'<f4','fortran_order':False,'shape':( 2 , 3 )}\n",
  ])
  func headers(text: String) throws {
    let vectors = try VectorFile(path: file(text, Data(repeating: 0, count: 24)))
    #expect(vectors.rows == 2 && vectors.columns == 3)
  }

  @Test("what is not read is named, with the way out", arguments: [
    ("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 2), }", "<i8", "astype"),
    ("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }", ">f4", "little-endian"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2), }", "structure", "<f4"),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "Fortran", "ascontiguous"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", "(4)", "dimension"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "()", "dimension"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 2), }", "(1, 2, 2)", "dimension"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }", "(2, 0)", "dimension"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 2), }", "shape", ""),
    ("{'descr': '<f4', 'fortran_order': False, }", "without a shape", ""),
    ("{'descr': '<f4', 'shape': (2, 2), }", "Fortran", ""),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "need", "was cut"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }", "need", "not what its header"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }", "damaged",
      ""
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 4), }", "shape",
      ""
    ),
  ])
  func refusals(header: String, word: String, other: String) throws {
    let path = try file(header, Data(repeating: 0, count: 16))
    let error = #expect(throws: FreshetError.self) { try VectorFile(path: path) }
    let message = error?.message ?? ""
    #expect(error?.code == .badInput && message.hasPrefix(path + ": "), "\(message)")
    #expect(message.contains(word) && (other.isEmpty || message.contains(other)), "\(message)")
    #expect(!message.contains("\n"))
  }

  @Test("files that are none")
  func noFiles() throws {
    func message(_ path: String) -> String {
      (#expect(throws: FreshetError.self) { try VectorFile(path: path) })?.message ?? ""
    }
    #expect(message(folder.path("none")).contains("no such file"))
    #expect(message(folder.url.path).contains("is a folder"))
    #expect(message(try folder.write("", to: "empty")).contains("no NumPy file"))
    #expect(message(try folder.write("passage vectors", to: "text")).contains("no NumPy file"))
    let good = try file(header("<f4", 2, 2), Data(count: 16))
    let whole = try Data(contentsOf: URL(fileURLWithPath: good))
    for length in [6, 9, 11, 20, whole.count - 17] {
      let path = folder.path("cut.npy")
      try whole.prefix(length).write(to: URL(fileURLWithPath: path))
      #expect(message(path).contains("cut short"), "\(length)")
    }
    let later = try file(header("<f4", 1, 1), Data(count: 4), version: 9)
    #expect(message(later).contains("version 9"))
  }

  @Test("NaN and infinity are named by row and column, in every kind", arguments: [
    Double.nan, .infinity, 1e300,
  ])
  func notFinite(value: Double) throws {
    var data = Data()
    for i in 0..<12 {
      withUnsafeBytes(of: i == 7 ? value : 1.0) { data.append(contentsOf: $0) }
    }
    let vectors = try VectorFile(path: file(header("<f8", 4, 3), data))
    for read in [
      { try vectors.all() }, { try vectors.block(2..<4) }, { try vectors.gathering([3, 2]) },
    ] as [() throws -> Matrix] {
      let error = #expect(throws: FreshetError.self) { try read() }
      #expect(error?.message.contains("x.npy: row 2 is not finite at column 1") == true)
    }
    #expect(try vectors.gathering([0, 3]).rows == 2)
  }
}
