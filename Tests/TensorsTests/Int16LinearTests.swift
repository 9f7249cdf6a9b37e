import Foundation
import TestSupport
import Testing

@testable import Tensors

/// What 16-bit integers must not do: overflow, hide what is not finite, lose more than they say.
@Suite("Linear layers in int16")
struct Int16LinearTests {
  private func products(_ x: Matrix, _ w: Matrix) -> [Matrix] {
    InstructionLevel.available.map {
      linear(x, PackedWeight(w, transposed: false, precision: .int16, level: $0))
    }
  }

  /// Parallel rows reach the Cauchy-Schwarz bound; a 32-bit sum that wrapped would be off by more
  /// than its whole size.
  @Test("the largest sums do not overflow", arguments: [1, 2, 16, 191, 192, 193, 384, 1536])
  func overflow(inputs: Int) {
    func row(_ value: (Int) -> Float) -> [Float] { (0..<inputs).map(value) }
    let rows = [
      row { _ in 1 },  // all of the largest magnitude
      row { $0 % 2 == 0 ? 1 : -1 },
      row { $0 == 0 ? 1000 : 1 },  // a spike
      row { $0 == inputs - 1 ? -1000 : 0.001 },
      row { $0 < 2 ? 32767 : 0 },  // one pair of the largest integers
    ]
    let x = Matrix(rows)
    let scales = x.rowNorms()
    for y in products(x, x) + products(x, Matrix(rows.map { $0.map { -$0 } })) {
      for i in 0..<rows.count {
        for j in 0..<rows.count {
          let exact = zip(rows[i], rows[j]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
          let error = abs(abs(Double(y[i, j])) - abs(exact))
          #expect(error <= 2e-3 * Double(scales[i]) * Double(scales[j]), "(\(i), \(j))")
        }
      }
    }
  }

  @Test("what is not finite makes its row, or its column, NaN", arguments: [Float.nan, .infinity])
  func notFinite(value: Float) {
    for (row, column) in [(0, 0), (3, 199), (15, 385)] {
      var (x, w) = (Matrix.normal(16, 386, seed: 1), Matrix.normal(35, 386, seed: 2))
      let clean = products(x, w)
      x[row, column] = -value
      for (y, good) in zip(products(x, w), clean) {
        for i in 0..<16 {
          let allNaN = y.row(i).allSatisfy(\.isNaN)
          #expect(allNaN == (i == row) && (allNaN || y.row(i) == good.row(i)))
        }
      }
      (x, w) = (Matrix.normal(16, 386, seed: 1), Matrix.normal(35, 386, seed: 2))
      w[row, column] = value
      for (y, good) in zip(products(x, w), clean) {
        for j in 0..<35 {
          let holds = (0..<16).allSatisfy { j == row ? y[$0, j].isNaN : y[$0, j] == good[$0, j] }
          #expect(holds)
        }
      }
    }
  }

  @Test("NaN passes through every activation", arguments: Precision.allCases)
  func notFiniteActivated(precision: Precision) {
    var x = Matrix.normal(2, 30, seed: 1)
    x[1, 7] = .nan
    for level in InstructionLevel.available {
      let weight = PackedWeight(
        Matrix.normal(33, 30, seed: 2), transposed: false, precision: precision, level: level)
      for activation in Activation.allCases {
        let y = linear(x, weight, activation: activation)
        let (finite, nan) = (y.row(0).allSatisfy(\.isFinite), y.row(1).allSatisfy(\.isNaN))
        #expect(finite && nan, "\(level.name), \(activation)")
      }
    }
  }

  @Test("zero rows give the bias")
  func zeros() {
    let bias = Matrix.normal(1, 20, seed: 1)
    let weight = PackedWeight(Matrix.normal(20, 50, seed: 2), precision: .int16)
    let y = linear(Matrix(rows: 3, columns: 50), weight, bias: bias)
    for i in 0..<3 { #expect(y.row(i) == bias.elements) }
    let none = PackedWeight(Matrix(rows: 20, columns: 50), precision: .int16)
    #expect(linear(Matrix.normal(2, 50, seed: 3), none, bias: bias).row(1) == bias.elements)
  }

  /// The error of a product of normal numbers, over the size of the product.
  @Test("the error is about 1e-4 of the result", arguments: [384, 768, 1536])
  func error(inputs: Int) {
    let (x, w) = (Matrix.normal(20, inputs, seed: 1), Matrix.normal(40, inputs, seed: 2))
    let expected = LinearTests.reference(x, w, nil, nil)
    for y in products(x, w) { #expect(relativeError(y.elements, expected) < 1.5e-4) }
  }

  @Test("very large and very small numbers keep their precision", arguments: [1e30, 1e-26])
  func scales(scale: Double) {
    let x = Matrix.normal(15, 200, seed: 1, scale: scale)
    let w = Matrix.normal(40, 200, seed: 2, scale: 1 / scale)
    let expected = LinearTests.reference(x, w, nil, nil)
    for y in products(x, w) { #expect(relativeError(y.elements, expected) < 1.5e-4) }
  }

  /// A few inputs far larger than the others, as transformers have: blocks without one keep their
  /// precision.
  @Test("an outlier costs precision in its block only")
  func outlier() {
    var x = Matrix.normal(10, 768, seed: 1)
    for i in 0..<10 { x[i, 300] = 500 }
    var w = Matrix.normal(30, 768, seed: 2)
    for j in 0..<30 { w[j, 300] = 0 }
    let expected = LinearTests.reference(x, w, nil, nil)
    for y in products(x, w) { #expect(relativeError(y.elements, expected) < 3e-3) }
  }
}
