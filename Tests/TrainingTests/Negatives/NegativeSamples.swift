import Foundation
import Tensors

@testable import Training

/// `rows` unit vectors of `columns` dimensions.
func unitRows(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
  var random = RandomStream(seed: seed)
  var matrix = Matrix(
    rows: rows, columns: columns,
    elements: (0..<rows * columns).map { _ in Float(random.normal()) })
  matrix.normalizeRows()
  return matrix
}

/// Queries numbered as pairs from 0 on, with the same rows masked for each.
func negativeQueries(
  _ count: Int, positive: Int? = nil, masked: Set<Int> = []
) -> [NegativeQuery] {
  (0..<count).map { NegativeQuery(pair: $0, positive: positive, masked: masked) }
}

/// Pearson's statistic of counts against probabilities.
func chiSquare(_ counts: [Int], _ probabilities: [Double]) -> Double {
  let total = Double(counts.reduce(0, +))
  return zip(counts, probabilities).reduce(0) { sum, cell in
    let expected = cell.1 * total
    return sum + (Double(cell.0) - expected) * (Double(cell.0) - expected) / expected
  }
}

/// The softmax of logits.
func softmax(_ logits: [Double]) -> [Double] {
  let most = logits.max() ?? 0
  let weights = logits.map { exp($0 - most) }
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}

extension SoftmaxSampler {
  static func sample(
    _ count: Int, temperature: Double = 0.5, margin: Float? = nil, seed: UInt64 = 3
  ) -> SoftmaxSampler {
    SoftmaxSampler(temperature: temperature, count: count, margin: margin, seed: seed)
  }
}
