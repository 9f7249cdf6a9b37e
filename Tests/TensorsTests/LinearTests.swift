import Foundation
import TestSupport
import Testing

@testable import Tensors

/// Products with packed weights against a float64 loop written here, on every instruction level
/// of this machine.
@Suite("Linear layers over packed weights")
struct LinearTests {
  /// Zero, one, primes, sizes past every vector width, tile and block.
  static let shapes: [(rows: Int, inputs: Int, outputs: Int)] = [
    (0, 5, 7), (1, 1, 1), (1, 384, 33), (2, 3, 0), (3, 0, 5), (5, 2, 8), (6, 7, 16), (7, 17, 31),
    (13, 191, 32), (14, 192, 64), (15, 193, 65), (29, 385, 97), (31, 1, 257), (57, 211, 48),
    (4, 1536, 40), (211, 96, 13),
  ]

  static func reference(
    _ x: Matrix, _ w: Matrix, _ bias: Matrix?, _ activation: Activation?
  ) -> [Double] {
    (0..<x.rows).flatMap { i in
      (0..<w.rows).map { j in
        var sum = Double(bias?[0, j] ?? 0)
        for k in 0..<x.columns { sum += Double(x[i, k]) * Double(w[j, k]) }
        return activation.map { NeuralTests.activation(sum, $0) } ?? sum
      }
    }
  }

  /// |x row| · |w row| of each result: what a rounding error is measured against.
  static func norms(_ x: Matrix, _ w: Matrix) -> [Double] {
    let (rows, columns) = (x.rowNorms().map(Double.init), w.rowNorms().map(Double.init))
    return rows.flatMap { a in columns.map { a * $0 } }
  }

  static func data(_ shape: (rows: Int, inputs: Int, outputs: Int)) -> (x: Matrix, w: Matrix) {
    (
      Matrix.normal(shape.rows, shape.inputs, seed: 1),
      Matrix.normal(shape.outputs, shape.inputs, seed: 2)
    )
  }

  @Test("equals the float64 sum at every level", arguments: Precision.allCases, shapes)
  func reference(precision: Precision, shape: (rows: Int, inputs: Int, outputs: Int)) {
    let (x, w) = Self.data(shape)
    let bias = Matrix.normal(1, shape.outputs, seed: 3)
    for activation in [nil, Activation.gelu, .geluTanh, .relu] {
      for bias in [nil, bias] {
        let expected = Self.reference(x, w, bias, activation)
        for level in InstructionLevel.available {
          let weight = PackedWeight(w, transposed: false, precision: precision, level: level)
          let y = linear(x, weight, bias: bias, activation: activation)
          #expect(y.rows == shape.rows && y.columns == shape.outputs)
          let unit = precision == .float32 ? 1e-6 : 1.5e-4
          for (i, scale) in Self.norms(x, w).enumerated() {
            let difference = abs(Double(y.elements[i]) - expected[i])
            #expect(
              difference <= unit * scale / Double(max(shape.inputs, 1)).squareRoot() * 4 + 2e-6,
              "\(level.name), element \(i)")
          }
        }
      }
    }
  }

  @Test("a transposed weight gives x · W", arguments: Precision.allCases)
  func transposed(precision: Precision) {
    for (rows, inputs, outputs) in [(1, 1, 1), (5, 17, 33), (16, 200, 40)] {
      let (x, w) = Self.data((rows, inputs, outputs))
      for level in InstructionLevel.available {
        let straight = PackedWeight(w, transposed: false, precision: precision, level: level)
        let other = PackedWeight(
          w.transposed(), transposed: true, precision: precision, level: level)
        #expect(other.inputs == inputs && other.outputs == outputs)
        #expect(linear(x, straight) == linear(x, other))
      }
    }
  }

  @Test("a reused output keeps nothing of what it held")
  func reused() {
    let (x, w) = Self.data((31, 40, 50))
    for precision in Precision.allCases {
      let weight = PackedWeight(w, precision: precision)
      var y = Matrix(rows: 31, columns: 50, elements: Array(repeating: .nan, count: 31 * 50))
      let copy = y
      linear(x, weight, into: &y)
      #expect(y == linear(x, weight))
      let untouched = copy.elements.allSatisfy(\.isNaN)
      #expect(untouched)
    }
  }

  @Test("int16 needs half the memory")
  func memory() {
    let w = Matrix.normal(64, 384, seed: 1)
    #expect(PackedWeight(w).byteCount == 64 * 384 * 4)
    let scales = 64 * 2 * 4
    #expect(PackedWeight(w, precision: .int16).byteCount == 64 * 384 * 2 + scales)
  }

  @Test("the best level is in use unless FRESHET_CPU asks for less")
  func level() {
    let names = InstructionLevel.available.map(\.name)
    let wish = ProcessInfo.processInfo.environment["FRESHET_CPU"] ?? ""
    #expect(names.first == "portable")
    #expect(Kernels.level == (names.contains(wish) ? wish : names.last))
  }

  @Test("extents that do not fit trap")
  func traps() async {
    await #expect(processExitsWith: .failure) {
      _ = linear(Matrix(rows: 2, columns: 3), PackedWeight(Matrix(rows: 4, columns: 2)))
    }
    await #expect(processExitsWith: .failure) {
      _ = linear(
        Matrix(rows: 2, columns: 3), PackedWeight(Matrix(rows: 4, columns: 3)),
        bias: Matrix(rows: 1, columns: 3))
    }
    await #expect(processExitsWith: .failure) {
      var y = Matrix(rows: 3, columns: 4)
      linear(Matrix(rows: 2, columns: 3), PackedWeight(Matrix(rows: 4, columns: 3)), into: &y)
    }
  }
}
