import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import training_experiments

@Suite struct FeatureTowerTests {
  /// ⟨direction, embeddings⟩ in double precision, by the formula and nothing of the tower's.
  private static func value(
    _ parameters: [Double], features: Matrix, width: Int, direction: Matrix
  ) -> Double {
    let d = features.columns
    let first = parameters[0..<width * d], firstBias = parameters[(width * d)...].prefix(width)
    let rest = parameters.dropFirst(width * d + width)
    let second = rest.prefix(d * width), secondBias = rest.suffix(d)
    var total = 0.0
    for row in 0..<features.rows {
      let x = features.row(row).map(Double.init)
      let pre = layer(x, first, firstBias)
      let hidden = pre.map { $0 * 0.5 * (1 + erf($0 / 2.0.squareRoot())) }
      let y = zip(x, layer(hidden, second, secondBias)).map(+)
      let length = dot(y, y).squareRoot()
      total += dot(direction.row(row).map(Double.init), y) / length
    }
    return total
  }

  /// W·x + b, W row after row.
  private static func layer(
    _ x: [Double], _ weights: ArraySlice<Double>, _ biases: ArraySlice<Double>
  ) -> [Double] {
    biases.enumerated().map { i, bias in
      bias + dot(x, Array(weights.dropFirst(i * x.count).prefix(x.count)))
    }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func tower(_ dimension: Int, _ width: Int) -> FeatureTower {
    var random = RandomStream(seed: 3)
    var tower = FeatureTower(dimension: dimension, width: width, random: &random)
    for slot in 1..<4 {
      let shape = tower.parameters.values[slot]
      tower.parameters.values[slot] = .normal(
        shape.rows, shape.columns, seed: UInt64(slot), scale: 0.3)
    }
    return tower
  }

  @Test("The gradient is that of central differences", arguments: [(1, 5, 3), (7, 4, 11)])
  func gradient(rows: Int, dimension: Int, width: Int) {
    let tower = Self.tower(dimension, width)
    let features = Matrix.normal(rows, dimension, seed: 5)
    let direction = Matrix.normal(rows, dimension, seed: 6)
    let (embeddings, kept) = tower.forward(features)
    var gradients = Parameters(zerosLike: tower.parameters)
    tower.backward(direction, kept, into: &gradients)

    let flat = tower.parameters.values.flatMap { $0.elements.map(Double.init) }
    func value(_ parameters: [Double]) -> Double {
      Self.value(parameters, features: features, width: width, direction: direction)
    }
    let forward = rowDots(embeddings, direction).reduce(0) { $0 + Double($1) }
    #expect(abs(forward - value(flat)) < 1e-5)
    let expected = centralDifferences(at: flat, value)
    #expect(relativeError(gradients.values.flatMap(\.elements), expected) < 1e-5)
  }

  @Test("Gradients are added to those that are there")
  func adds() {
    let tower = Self.tower(6, 9)
    let (embeddings, kept) = tower.forward(.normal(3, 6, seed: 5))
    var once = Parameters(zerosLike: tower.parameters)
    tower.backward(embeddings, kept, into: &once)
    let direction = Matrix.normal(3, 6, seed: 6)
    tower.backward(direction, kept, into: &once)
    var twice = once
    tower.backward(direction, kept, into: &twice)
    tower.backward(direction, kept, into: &twice)
    var plain = Parameters(zerosLike: tower.parameters)
    tower.backward(direction, kept, into: &plain)
    for slot in 0..<4 {
      var expected = once.values[slot]
      expected.add(plain.values[slot], scaledBy: 2)
      #expect(largestDifference(twice.values[slot].elements, expected.elements) < 1e-4)
    }
  }

  @Test("An untrained tower gives the directions of its features")
  func untrained() {
    var random = RandomStream(seed: 1)
    let tower = FeatureTower(dimension: 8, width: 5, random: &random)
    var features = Matrix.normal(4, 8, seed: 2)
    let embeddings = tower.embed(features)
    features.normalizeRows()
    #expect(largestDifference(embeddings.elements, features.elements) < 1e-6)
  }
}
