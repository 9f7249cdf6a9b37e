import Tensors
import TestSupport
import Testing

@Suite("Matrix products")
struct ProductTests {
  /// The dumb loop, in float64.
  private func reference(
    _ a: Matrix, _ b: Matrix, _ transposeA: Bool, _ transposeB: Bool
  ) -> [Double] {
    let (a, b) = (transposeA ? a.transposed() : a, transposeB ? b.transposed() : b)
    return (0..<a.rows).flatMap { i in
      (0..<b.columns).map { j in
        (0..<a.columns).reduce(0.0) { $0 + Double(a[i, $1]) * Double(b[$1, j]) }
      }
    }
  }

  @Test(
    "equals the triple loop, transposed or not",
    arguments: [(1, 1, 1), (3, 5, 7), (17, 33, 65), (130, 64, 9), (2, 300, 257)])
  func product(m: Int, k: Int, n: Int) {
    for (ta, tb) in [(false, false), (false, true), (true, false), (true, true)] {
      let a = Matrix.normal(ta ? k : m, ta ? m : k, seed: 1)
      let b = Matrix.normal(tb ? n : k, tb ? k : n, seed: 2)
      let got = Tensors.product(a, b, transposeA: ta, transposeB: tb)
      #expect(got.rows == m && got.columns == n)
      #expect(relativeError(got.elements, reference(a, b, ta, tb)) < 1e-6)
    }
  }

  @Test("adds with alpha and beta")
  func accumulates() {
    let (a, b) = (Matrix.normal(5, 4, seed: 3), Matrix.normal(4, 6, seed: 4))
    let start = Matrix.normal(5, 6, seed: 5)
    var c = start
    addProduct(a, b, alpha: 2, beta: 0.5, to: &c)
    let expected = zip(reference(a, b, false, false), start.elements).map {
      2 * $0 + 0.5 * Double($1)
    }
    #expect(relativeError(c.elements, expected) < 1e-6)
  }

  @Test("empty extents give zeros or nothing")
  func empty() {
    #expect(Tensors.product(Matrix(rows: 0, columns: 3), Matrix(rows: 3, columns: 2)).count == 0)
    let zeros = Tensors.product(Matrix(rows: 2, columns: 0), Matrix(rows: 0, columns: 3))
    #expect(zeros.elements == [Float](repeating: 0, count: 6))
  }

  @Test("does not depend on the number of threads beyond rounding")
  func threads() {
    let (a, b) = (Matrix.normal(200, 64, seed: 6), Matrix.normal(64, 96, seed: 7))
    let many = Tensors.product(a, b)
    let one = (0..<200).flatMap { Tensors.product(a[rows: $0..<$0 + 1], b).elements }
    #expect(largestDifference(many.elements, one) < 1e-5)
  }

  @Test("mismatched extents trap") func traps() async {
    await #expect(processExitsWith: .failure) {
      _ = Tensors.product(Matrix(rows: 2, columns: 3), Matrix(rows: 4, columns: 2))
    }
  }
}
