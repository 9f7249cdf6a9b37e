import TestSupport
import Testing

@testable import Tensors

/// Bitwise equality of linear layers: one row alone or among others, however the work is split,
/// and of the levels where arithmetic is the same.
@Suite("Linear layers do not depend on company, threads or level", .serialized)
struct LinearIndependenceTests {
  /// Enough work for threads: split over rows, over columns, and over columns with a partial panel.
  static let shapes = [(300, 120, 65), (20, 512, 213), (3, 1400, 523)]

  @Test("threads", arguments: Precision.allCases, shapes)
  func threads(precision: Precision, shape: (Int, Int, Int)) {
    let (x, w) = LinearTests.data((shape.0, shape.1, shape.2))
    let bias = Matrix.normal(1, shape.2, seed: 3)
    let before = Threads.count
    defer { Threads.use(before) }
    for level in InstructionLevel.available {
      let weight = PackedWeight(w, transposed: false, precision: precision, level: level)
      let results = [1, 2, 3].map { count in
        Threads.use(count)
        return linear(x, weight, bias: bias, activation: .gelu)
      }
      #expect(results[1] == results[0] && results[2] == results[0], "\(level.name)")
    }
  }

  @Test("inside another loop", arguments: Precision.allCases)
  func nested(precision: Precision) {
    let (x, w) = LinearTests.data((300, 120, 65))
    let weight = PackedWeight(w, precision: precision)
    let expected = linear(x, weight)
    let results = [0, 1, 2].concurrentMap { _ in linear(x, weight) }
    #expect(results.allSatisfy { $0 == expected })
  }

  @Test("rows alone, in pieces, among others", arguments: Precision.allCases)
  func company(precision: Precision) {
    let (x, w) = LinearTests.data((61, 401, 77))
    for level in InstructionLevel.available {
      let weight = PackedWeight(w, transposed: false, precision: precision, level: level)
      let all = linear(x, weight, activation: .geluTanh)
      for pieces in [[0, 1, 2, 61], [0, 14, 29, 61], [0, 5, 11, 18, 60, 61], Array(0...61)] {
        let parts = zip(pieces, pieces.dropFirst()).map {
          linear(x[rows: $0..<$1], weight, activation: .geluTanh)
        }
        #expect(Matrix.concatenatingRows(parts) == all, "\(level.name)")
      }
    }
  }

  @Test("columns alone", arguments: Precision.allCases)
  func columns(precision: Precision) {
    let (x, w) = LinearTests.data((17, 200, 40))
    let all = linear(x, PackedWeight(w, precision: precision))
    for j in [0, 15, 16, 39] {
      let one = linear(x, PackedWeight(w[rows: j..<j + 1], precision: precision))
      #expect(one.elements == (0..<17).map { all[$0, j] })
    }
  }

  @Test("int16 is the same on every level; float32 on those with fused multiply-adds")
  func levels() {
    for shape in LinearTests.shapes {
      let (x, w) = LinearTests.data((shape.0, shape.1, shape.2))
      let bias = Matrix.normal(1, shape.2, seed: 3)
      func results(_ precision: Precision, _ activation: Activation?) -> [Matrix] {
        InstructionLevel.available.map {
          linear(
            x, PackedWeight(w, transposed: false, precision: precision, level: $0), bias: bias,
            activation: activation)
        }
      }
      let integers = results(.int16, .relu)
      #expect(integers.allSatisfy { $0 == integers[0] }, "\(shape)")
      let activated = results(.int16, .gelu)
      for other in activated {
        #expect(largestDifference(other.elements, activated[0].elements) < 1e-5)
      }
      let floats = results(.float32, nil).dropFirst()
      #expect(floats.allSatisfy { $0 == floats.first }, "\(shape)")
    }
  }
}
