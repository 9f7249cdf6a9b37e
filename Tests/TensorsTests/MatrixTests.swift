import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Matrix")
struct MatrixTests {
  @Test("copies are values: a change reaches neither the original nor its rows")
  func copyOnWrite() {
    let original = Matrix([[1, 2], [3, 4], [5, 6]])
    var copy = original
    var part = original[rows: 1..<3]
    copy[0, 0] = 9
    part[0, 0] = 7
    #expect(original.elements == [1, 2, 3, 4, 5, 6])
    #expect(copy.elements == [9, 2, 3, 4, 5, 6])
    #expect(part.elements == [7, 4, 5, 6])
  }

  @Test("a mapped file reads its floats and is copied on write")
  func mapping() throws {
    let folder = try TemporaryFolder()
    let values: [Float] = (0..<3000).map { Float($0) * 0.5 }
    let bytes = values.withUnsafeBytes { Data($0) }
    try (Data(repeating: 1, count: 4100) + bytes).write(to: folder.url.appendingPathComponent("v"))
    var mapped = try Matrix(mapping: folder.path("v"), rows: 300, columns: 10, byteOffset: 4100)
    #expect(mapped.elements == values)
    let original = mapped
    mapped[299, 9] = -1
    #expect(mapped[299, 9] == -1 && mapped[299, 8] == values[2998])
    #expect(original.elements == values)
    let again = try Matrix(mapping: folder.path("v"), rows: 300, columns: 10, byteOffset: 4100)
    #expect(again[299, 9] == values[2999])
  }

  @Test("a short or missing file is refused with its name")
  func badMapping() throws {
    let folder = try TemporaryFolder()
    try Data(count: 100).write(to: folder.url.appendingPathComponent("short"))
    let short = #expect(throws: MappingError.self) {
      try Matrix(mapping: folder.path("short"), rows: 5, columns: 6)
    }
    #expect(short?.description.contains("needs 120 bytes, the file has 100") == true)
    #expect(throws: MappingError.self) {
      try Matrix(mapping: folder.path("nothing"), rows: 1, columns: 1)
    }
    #expect(try Matrix(mapping: folder.path("short"), rows: 0, columns: 6).count == 0)
  }

  @Test("gathers, sets, concatenates and transposes rows")
  func rows() {
    var m = Matrix([[1, 2, 3], [4, 5, 6]])
    #expect(m.gathering([1, 0, 1]).elements == [4, 5, 6, 1, 2, 3, 4, 5, 6])
    m.setRow(0, to: [7, 8, 9])
    #expect(m.row(0) == [7, 8, 9])
    #expect(m.transposed().elements == [7, 4, 8, 5, 9, 6])
    #expect(Matrix.concatenatingRows([m, m[rows: 1..<2]]).rows == 3)
    let wide = Matrix.concatenatingColumns([m, Matrix([[0], [1]])])
    #expect(wide.elements == [7, 8, 9, 0, 4, 5, 6, 1])
  }

  @Test("finds the first number that is not finite", arguments: [0, 1, 4095, 4096, 9999])
  func nonFinite(position: Int) {
    var m = Matrix(rows: 1000, columns: 10)
    #expect(m.firstNonFinite() == nil)
    m[position / 10, position % 10] = position % 2 == 0 ? .nan : .infinity
    let found = m.firstNonFinite()
    #expect(found?.row == position / 10 && found?.column == position % 10)
  }

  @Test("normalises rows and leaves a zero row zero")
  func normalise() {
    var m = Matrix([[3, 4], [0, 0]])
    m.normalizeRows()
    #expect(largestDifference(m.elements, [0.6, 0.8, 0, 0]) < 1e-7)
  }

  @Test("negative extents trap") func traps() async {
    await #expect(processExitsWith: .failure) { _ = Matrix(rows: -1, columns: 2) }
  }
}

@Suite("Threads")
struct ThreadsTests {
  @Test("every index runs once, also nested and from several callers", arguments: [0, 1, 2, 97])
  func once(n: Int) async {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let sums = Array(0..<n).concurrentMap { i in
            Array(0..<i).concurrentMap { $0 }.reduce(0, +)
          }
          #expect(sums == (0..<n).map { $0 * max($0 - 1, 0) / 2 })
        }
      }
    }
  }

  @Test("ranges cover everything without overlap", arguments: [0, 1, 15, 16, 1000])
  func ranges(count: Int) {
    nonisolated(unsafe) var hits = [Int](repeating: 0, count: count)  // disjoint writes
    hits.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      Threads.forEachRange(of: count, minimum: 4) { for i in $0 { buffer[i] += 1 } }
    }
    #expect(hits.allSatisfy { $0 == 1 })
  }
}
