import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("writing safetensors files")
struct SafetensorsWritingTests {
  /// Rows × columns of numbers no two of which are alike.
  private func numbers(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { Float($0) - 0.5 })
  }

  @Test("what is written is read back", arguments: [0, 1, 3, 17], [1, 2, 65])
  func roundTrip(rows: Int, columns: Int) throws {
    let scratch = try TemporaryFolder()
    let path = scratch.url.appending(path: "x.safetensors").path
    let matrix = numbers(rows, columns)
    try SafetensorsFile.write(
      [
        ("b", [rows, columns], matrix), ("a \"ü\"", [rows * columns], matrix),
        ("s", [], numbers(1, 1)),
      ],
      metadata: ["format": "pt", "note": "line\nbreak"], to: path)
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == ["format": "pt", "note": "line\nbreak"])
    #expect(try file.matrix("b") == matrix)
    #expect(try file.matrix("a \"ü\"") == matrix.reshaped(rows: 1, columns: rows * columns))
    #expect(file.shape(of: "s") == [])
    #expect(try scratch.contents == ["x.safetensors"])
  }

  @Test("more rows than are written at once")
  func manyRows() throws {
    let scratch = try TemporaryFolder()
    let path = scratch.url.appending(path: "x.safetensors").path
    let matrix = numbers(1031, 509)
    try SafetensorsFile.write([("x", [1031, 509], matrix)], metadata: [:], to: path)
    #expect(try SafetensorsFile(path: path).matrix("x") == matrix)
  }

  @Test("data begin at a multiple of 8", arguments: 1...9)
  func alignment(length: Int) throws {
    let scratch = try TemporaryFolder()
    let file = scratch.url.appending(path: "x.safetensors")
    let name = String(repeating: "n", count: length)
    try SafetensorsFile.write([(name, [1], numbers(1, 1))], metadata: [:], to: file.path)
    #expect(try Data(contentsOf: file).count % 8 == 4)
  }

  @Test("a file that is there is replaced")
  func replacing() throws {
    let scratch = try TemporaryFolder()
    try scratch.url.replace("x", by: "old")
    let path = scratch.url.appending(path: "x").path
    try SafetensorsFile.write([("x", [2], numbers(1, 2))], metadata: [:], to: path)
    #expect(try SafetensorsFile(path: path).names == ["x"])
    #expect(try scratch.contents == ["x"])
  }

  @Test("when the system refuses, the old file stays and nothing is left behind")
  func refused() throws {
    let scratch = try TemporaryFolder()
    let folder = scratch.url.appending(path: "taken")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let error = try encoderError(.io) {
      try SafetensorsFile.write([("x", [2], numbers(1, 2))], metadata: [:], to: folder.path)
    }
    #expect(error.message.contains(folder.path))
    #expect(try scratch.contents == ["taken"])
    try encoderError(.io) {
      try SafetensorsFile.write(
        [], metadata: [:], to: scratch.url.appending(path: "no/such/folder/x").path)
    }
  }

  @Test("a full disk is said in the system's words")
  func fullDisk() throws {
    let error = try encoderError(.io) {
      try DurableFiles.attempt("cannot write x") {
        try FileHandle(forWritingTo: URL(filePath: "/dev/full")).write(contentsOf: Data(count: 9))
      }
    }
    #expect(error.message == "cannot write x: No space left on device")
  }

  @Test("a shape that does not fit its values traps")
  func wrongShapeTraps() async {
    await #expect(processExitsWith: .failure) {
      try SafetensorsFile.write(
        [("x", [3], Matrix([[1, 2]]))], metadata: [:], to: "/dev/null/never")
    }
  }
}
