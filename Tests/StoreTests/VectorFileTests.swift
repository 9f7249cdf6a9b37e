import Crypto
import Foundation
import Glibc
import Testing

@testable import Store

@Suite struct VectorFileTests {
  let scratch: Scratch
  let path: URL

  init() throws {
    scratch = try Scratch()
    path = scratch.url.appendingPathComponent("0.f32")
  }

  @Test func pathsAndSizes() {
    let folder = URL(fileURLWithPath: "/c.freshet")
    #expect(VectorFiles.path(folder: folder, generation: 12).path == "/c.freshet/vectors/12.f32")
    #expect(VectorFiles.byteCount(rows: 7, columns: 3) == 84)
  }

  @Test func theBytesAreLittleEndianFloat32() throws {
    let writer = try VectorFileWriter(path: path, columns: 2)
    try writer.append([1, -2])
    try writer.append([])
    try writer.append([0.1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
    #expect(writer.rows == 3)
    let (rows, sha256) = try writer.finish()
    #expect(rows == 3)
    let bytes: [UInt8] = [
      0x00, 0x00, 0x80, 0x3F, 0x00, 0x00, 0x00, 0xC0,
      0xCD, 0xCC, 0xCC, 0x3D, 0x00, 0x00, 0x00, 0x80,
      0xFF, 0xFF, 0x7F, 0x7F, 0x01, 0x00, 0x00, 0x00,
    ]
    #expect(try Data(contentsOf: path) == Data(bytes))
    // printf '\x00\x00\x80\x3f…' | sha256sum
    #expect(sha256 == "22e6b2cf20122e9d7e88d2cb5fd3643b2a7d90d9d76e444012727e994dd43f49")
    #expect(try names(in: scratch.url) == ["0.f32"])
  }

  @Test(arguments: [(1, 1), (7, 384), (1000, 17)])
  func theHashIsThatOfTheFile(rows: Int, columns: Int) throws {
    let writer = try VectorFileWriter(path: path, columns: columns)
    for row in 0..<rows {
      try writer.append((0..<columns).map { Float(row * 31 + $0).squareRoot() })
    }
    let finished = try writer.finish()
    let data = try Data(contentsOf: path)
    #expect(data.count == VectorFiles.byteCount(rows: rows, columns: columns))
    #expect(finished.rows == rows)
    #expect(finished.sha256 == SHA256.hash(data: data).map { hexadecimal([$0]) }.joined())
  }

  @Test func nothingStandsUnderTheNameBeforeTheEnd() throws {
    try Data("former".utf8).write(to: path)
    let writer = try VectorFileWriter(path: path, columns: 1)
    try writer.append([1])
    #expect(try Data(contentsOf: path) == Data("former".utf8))
    _ = try writer.finish()
    #expect(try Data(contentsOf: path).count == 4)
  }

  @Test func anAbandonedWriterLeavesNothing() throws {
    try Data("former".utf8).write(to: path)
    do {
      let writer = try VectorFileWriter(path: path, columns: 1)
      try writer.append([1, 2, 3])
      #expect(try names(in: scratch.url).count == 2)
    }
    #expect(try names(in: scratch.url) == ["0.f32"])
    #expect(try Data(contentsOf: path) == Data("former".utf8))
  }

  @Test(arguments: [
    (Float.nan, 0, 0), (.infinity, 4, 2), (-.infinity, 2, 1), (.signalingNaN, 3, 0),
  ])
  func nonFiniteValuesAreRefusedByRowAndColumn(value: Float, row: Int, column: Int) throws {
    let writer = try VectorFileWriter(path: path, columns: 3)
    let good = [Float](repeating: 1, count: 2 * 3)
    try writer.append(good)
    var bad = [Float](repeating: 1, count: 5 * 3)
    bad[row * 3 + column] = value
    expectError(.invalidArgument, path.path, "row \(row + 2), column \(column)") {
      try writer.append(bad)
    }
    try writer.append(good)
    #expect(try writer.finish().rows == 4)
    #expect(SystemFile.size(of: path) == 48, "nothing of the refused call is in the file")
  }

  @Test(arguments: [1, 2, 4, 7])
  func brokenRowsAreRefused(count: Int) throws {
    let writer = try VectorFileWriter(path: path, columns: 3)
    expectError(.invalidArgument, "\(count) values", "3 columns") {
      try writer.append([Float](repeating: 0, count: count))
    }
    #expect(writer.rows == 0)
  }

  @Test func misuseTraps() async {
    await #expect(processExitsWith: .failure) { [path = path.path as String] in
      _ = try? VectorFileWriter(path: URL(fileURLWithPath: path), columns: 0)
    }
    await #expect(processExitsWith: .failure) { [path = path.path as String] in
      let writer = try? VectorFileWriter(path: URL(fileURLWithPath: path), columns: 1)
      _ = try? writer?.finish()
      try? writer?.append([1])
    }
  }

  @Test func aMissingFolderIsNamed() {
    let lost = scratch.url.appendingPathComponent("none/0.f32")
    expectError(.io, lost.deletingLastPathComponent().path) {
      try VectorFileWriter(path: lost, columns: 1)
    }
    expectError(.io, lost.deletingLastPathComponent().path) {
      try DurableFile.write(Data(), to: lost)
    }
  }
}

@Suite struct DurableFileTests {
  let scratch: Scratch
  init() throws { scratch = try Scratch() }

  @Test(arguments: [0, 1, 100_003])
  func writeReplacesInOneStep(count: Int) throws {
    let url = scratch.url.appendingPathComponent("file")
    for byte in [UInt8(1), 2] {
      let data = Data(repeating: byte, count: count)
      try DurableFile.write(data, to: url)
      #expect(try Data(contentsOf: url) == data)
    }
    #expect(try names(in: scratch.url) == ["file"])
  }

  @Test func replaceMovesOverWhatIsThere() throws {
    let (old, new) = (
      scratch.url.appendingPathComponent("old"), scratch.url.appendingPathComponent("new")
    )
    try Data("old".utf8).write(to: old)
    try Data("new".utf8).write(to: new)
    try DurableFile.replace(temporary: new, with: old)
    #expect(try Data(contentsOf: old) == Data("new".utf8))
    #expect(try names(in: scratch.url) == ["old"])
    expectError(.io, new.path) { try DurableFile.replace(temporary: new, with: old) }
  }

  @Test func aFailedWriteLeavesTheFormerFile() throws {
    let url = scratch.url.appendingPathComponent("folder")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: url.appendingPathComponent("inside"))
    expectError(.io, url.path) { try DurableFile.write(Data("y".utf8), to: url) }
    #expect(try names(in: scratch.url) == ["folder"])
    #expect(try names(in: url) == ["inside"])
  }
}
