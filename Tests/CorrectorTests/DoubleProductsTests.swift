import Tensors
import Testing

@testable import Corrector

@Suite("float64 sums")
struct DoubleProductsTests {
  @Test("leftᵀ · right equals the triple loop", arguments: [0, 1, 3, 4, 9], [1, 7, 8, 17])
  func transposedProductMatchesLoop(n: Int, width: Int) {
    let rows = 11
    let left = doubles(gaussian(n, rows, seed: 1)), right = doubles(gaussian(n, width, seed: 2))
    let got = transposedProduct(left, right, n: n, rows: rows, columns: width)
    let expected = reference(transposed(left, rows: n, columns: rows), right, rows, n, width)
    #expect(got.count == rows * width)
    #expect(zip(got, expected).allSatisfy { abs($0 - $1) < 1e-13 })
  }

  @Test("moments equal sums over rows, however the rows are added", arguments: [1, 2, 300])
  func momentsMatchLoop(rows: Int) {
    let (d, e) = (5, 3)
    // Far from the origin, so that sums about it would cancel.
    var x = gaussian(rows, d, seed: 3), y = gaussian(rows, e, seed: 4)
    x.addToRows([Float](repeating: 100, count: d))
    y.addToRows([Float](repeating: -50, count: e))
    var moments = CrossMoments(about: x[rows: 0..<1], y[rows: 0..<1])
    moments.add(x[rows: 0..<rows / 2], y[rows: 0..<rows / 2])
    moments.add(x[rows: rows / 2..<rows], y[rows: rows / 2..<rows])
    let (meanX, meanY) = (columnMeans(x), columnMeans(y))
    #expect(moments.count == rows)
    #expect(isClose(moments.means.stale, meanX) && isClose(moments.means.fresh, meanY))
    #expect(isClose(moments.centredGram(), products(x, meanX, x, meanX)))
    #expect(isClose(moments.centredCrossProduct(), products(x, meanX, y, meanY)))
    let zeroX = [Double](repeating: 0, count: d), zeroY = [Double](repeating: 0, count: e)
    #expect(isClose(moments.rawCrossProduct(), products(x, zeroX, y, zeroY), 1e-7 * Double(rows)))
  }

  private func columnMeans(_ m: Matrix) -> [Double] {
    (0..<m.columns).map { j in
      (0..<m.rows).reduce(0) { $0 + Double(m[$1, j]) } / Double(m.rows)
    }
  }

  private func products(_ x: Matrix, _ a: [Double], _ y: Matrix, _ b: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: x.columns * y.columns)
    for r in 0..<x.rows {
      for i in 0..<x.columns {
        for j in 0..<y.columns {
          sums[i * y.columns + j] += (Double(x[r, i]) - a[i]) * (Double(y[r, j]) - b[j])
        }
      }
    }
    return sums
  }

  private func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-9) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) < tolerance }
  }
}
