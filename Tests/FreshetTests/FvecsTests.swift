import Foundation
import Freshet
import TestSupport
import Testing

/// Vectors in `.fvecs`: before each row's float32 numbers, an int32 saying how many they are.
@Suite struct FvecsTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func file(_ rows: [[Float]], lengths: [Int32]? = nil, cut: Int = 0) throws -> String {
    var data = Data()
    for (i, row) in rows.enumerated() {
      withUnsafeBytes(of: lengths?[i] ?? Int32(row.count)) { data.append(contentsOf: $0) }
      row.withUnsafeBytes { data.append(contentsOf: $0) }
    }
    let path = folder.path("x.fvecs")
    try data.dropLast(cut).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func refusal(_ path: String, _ word: String) {
    freshetError(.badInput, path + ": ", word) { _ = try VectorFile(path: path).all() }
  }

  @Test func rowsAreReadWholeByBlocksAndSingly() throws {
    let rows = (0..<9).map { i in (0..<5).map { Float(i * 5 + $0) / 4 } }
    let vectors = try VectorFile(path: file(rows))
    #expect(vectors.rows == 9 && vectors.columns == 5)
    #expect(try vectors.all().elements == rows.flatMap { $0 })
    #expect(try vectors.block(3..<5).elements == rows[3] + rows[4])
    #expect(try vectors.block(9..<9).rows == 0)
    #expect(try vectors.gathering([8, 0]).elements == rows[8] + rows[0])
  }

  @Test func whatIsWrittenIsTheFormatByteForByte() throws {
    let rows: [[Float]] = [[1, -2, 0.5], [3, 4, 1e-9]]
    let expected = try Data(contentsOf: URL(fileURLWithPath: file(rows)))
    let path = folder.path("written.fvecs")
    try VectorFile.write(Matrix(rows), to: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == expected)
    #expect(try VectorFile(path: path).all().elements == rows.flatMap { $0 })
  }

  /// More rows than a block of 16 MiB holds.
  @Test func manyRowsAreReadBlockByBlock() throws {
    let rows = (5 << 20) / 700
    let path = folder.path("many.fvecs")
    let matrix = Matrix.normal(rows, 700, seed: 5)
    try VectorFile.write(matrix, to: path)
    let read = try VectorFile(path: path)
    #expect(try read.all().elements == matrix.elements)
  }

  @Test func damageIsNamed() throws {
    let rows: [[Float]] = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    refusal(try file(rows, cut: 4), "no whole .fvecs file")
    refusal(try file([]), "it is empty")
    refusal(try file(rows, lengths: [0, 3, 3]), "0 as the dimension")
    refusal(try file(rows, lengths: [-3, 3, 3]), "-3 as the dimension")
    refusal(try file(rows, lengths: [3, 3, 4]), "row 2 says it has 4 numbers, row 0 has 3")
    refusal(try file([[1, 2], [3, .nan]]), "row 1 is not finite at column 1")
    let numpy = folder.path("numpy.npy")
    try VectorFile.write(Matrix(rows), to: numpy)
    let renamed = folder.path("numpy.fvecs")
    try FileManager.default.moveItem(atPath: numpy, toPath: renamed)
    refusal(renamed, "no whole .fvecs file")
  }

  @Test func vectorsAreRefreshedFromOneFormatToTheOther() throws {
    let stale = Matrix.normal(300, 6, seed: 1)
    let rows = Array(0..<120)
    for name in ["stale.npy", "stale.fvecs"] { try VectorFile.write(stale, to: folder.path(name)) }
    try VectorFile.write(stale.gathering(rows), to: folder.path("fresh.fvecs"))
    let list = try folder.write(rows.map { "\($0)\n" }.joined(), to: "rows.txt")
    var written: [[Float]] = []
    for (from, to) in [("stale.npy", "a.fvecs"), ("stale.fvecs", "b.npy")] {
      let file = try VectorFile(path: folder.path(from))
      try refreshVectors(
        file, sample: VectorSample(list: list, fresh: folder.path("fresh.fvecs"), of: file),
        to: folder.path(to))
      written.append(try VectorFile(path: folder.path(to)).all().elements)
    }
    #expect(written[0] == written[1] && written[0].count == 1_800)
  }
}
