import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Exponentials by blocks of columns")
struct BlockExponentialsTests {
  static let cases: [(rows: Int, blocks: [Int])] = [
    (1, [1]), (2, [0, 2]), (3, [8, 16, 17]), (5, [16, 16, 33]), (1, [100, 2500]), (67, [9, 400]),
    (2, []),
  ]

  @Test("against float64, and the sum of all", arguments: cases, [Float(1), 20])
  func values(test: (rows: Int, blocks: [Int]), scale: Float) {
    let columns = test.blocks.last ?? 0
    let scores = Matrix.normal(test.rows, columns, seed: 1)
    var powers = scores
    let found = powers.exponentiate(blocks: test.blocks, scale: scale)
    var factors = Matrix(rows: test.rows, columns: test.blocks.count)
    for row in 0..<test.rows {
      let x = scores.row(row).map(Double.init)
      var start = 0
      for (b, end) in test.blocks.enumerated() {
        let top = x[start..<end].max() ?? -.infinity
        let expected = x[start..<end].map { exp(Double(scale) * ($0 - top)) }
        #expect(found.tops[row, b] == Float(top))
        let sum = expected.reduce(0, +)
        #expect(abs(Double(found.sums[row, b]) - sum) <= 3e-7 * sum)
        #expect(
          largestDifference(
            Array(powers.row(row)[start..<end]), expected.map(Float.init)) < 2e-6)
        factors[row, b] = Float(b + 1)
        start = end
      }
    }
    let before = powers
    powers.scale(blocks: test.blocks, by: factors)
    for row in 0..<test.rows {
      for column in 0..<columns {
        let block = test.blocks.firstIndex { $0 > column } ?? 0
        #expect(powers[row, column] == before[row, column] * Float(block + 1))
      }
    }
  }

  @Test("minus infinity is nothing, far below is nothing, NaN stays")
  func extremes() {
    let low = -Float.infinity
    var x = Matrix([[low, 3, low, low, low, 0, -100, 1e30, .nan, 2]])
    let found = x.exponentiate(blocks: [2, 5, 7, 8, 10], scale: 1)
    #expect(found.tops.elements == [3, low, 0, 1e30, 2])
    #expect(Array(found.sums.elements[..<4]) == [1, 0, 1, 1])
    #expect(found.sums[0, 4].isNaN)
    #expect(Array(x.elements[..<8]) == [0, 1, 0, 0, 0, 1, 0, 1])
    #expect(x[0, 8].isNaN && x[0, 9] == 1)
  }

  @Test("the same bits on one thread and on two")
  func threads() {
    let scores = Matrix.normal(301, 333, seed: 4)
    let results = [1, 2].map { threads in
      let before = Threads.count
      Threads.use(threads)
      defer { Threads.use(before) }
      var powers = scores
      let sums = powers.exponentiate(blocks: [100, 333], scale: 3).sums
      return [powers, sums]
    }
    #expect(results[0] == results[1])
  }

  @Test("blocks that do not cover the columns trap")
  func traps() async {
    await #expect(processExitsWith: .failure) {
      var x = Matrix(rows: 1, columns: 4)
      _ = x.exponentiate(blocks: [2, 3], scale: 1)
    }
    await #expect(processExitsWith: .failure) {
      var x = Matrix(rows: 1, columns: 4)
      x.scale(blocks: [4], by: Matrix(rows: 2, columns: 1))
    }
  }
}
