import Foundation
import Tensors
import TestSupport
import Testing

/// Each backward pass against central differences of a float64 forward pass written here, on the
/// loss sum(output · upstream).
@Suite("Backward passes equal float64 central differences")
struct NeuralTests {
  private func loss(_ output: [Double], _ upstream: Matrix) -> Double {
    zip(output, upstream.elements).reduce(0) { $0 + $1.0 * Double($1.1) }
  }

  private func doubles(_ m: Matrix) -> [Double] { m.elements.map(Double.init) }

  static func activation(_ x: Double, _ kind: Activation) -> Double {
    switch kind {
    case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .relu: max(x, 0)
    }
  }

  @Test(
    "activations", arguments: [Activation.gelu, .geluTanh, .relu], [(1, 1), (3, 17), (70, 33)])
  func activations(kind: Activation, shape: (Int, Int)) {
    let pre = Matrix.normal(shape.0, shape.1, seed: 1, scale: 2)
    let output = pre.activated(kind)
    let expected = doubles(pre).map { Self.activation($0, kind) }
    #expect(largestDifference(output.elements, expected.map(Float.init)) < 1e-6)

    var gradient = Matrix.normal(shape.0, shape.1, seed: 3)
    let upstream = gradient
    gradient.backwardThrough(kind, pre: pre)
    let numeric = zip(doubles(pre), doubles(upstream)).map { x, up in
      up * (Self.activation(x + 1e-6, kind) - Self.activation(x - 1e-6, kind)) / 2e-6
    }
    #expect(relativeError(gradient.elements, numeric) < 1e-5)
  }

  @Test("activations stay finite far out")
  func extremes() {
    for kind in [Activation.gelu, .geluTanh, .relu] {
      let x = Matrix([[-1e4, -50, -10, 0, 10, 50, 1e4]])
      #expect(largestDifference(x.activated(kind).elements, [0, 0, 0, 0, 10, 50, 1e4]) < 1e-3)
    }
  }

  private func layerNorm(_ x: [Double], _ gamma: [Double], _ beta: [Double]) -> [Double] {
    let width = gamma.count
    return stride(from: 0, to: x.count, by: width).flatMap { start in
      let row = x[start..<start + width]
      let mean = row.reduce(0, +) / Double(width)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      return row.enumerated().map { j, v in
        (v - mean) / (variance + 1e-5).squareRoot() * gamma[j] + beta[j]
      }
    }
  }

  @Test("layer norm", arguments: [(1, 5), (3, 17), (130, 24)])
  func layerNorm(rows: Int, columns: Int) {
    let (x, y) = (Matrix.normal(rows, columns, seed: 1), Matrix.normal(rows, columns, seed: 2))
    let (gamma, beta) = (Matrix.normal(1, columns, seed: 3), Matrix.normal(1, columns, seed: 4))
    let bias = Matrix.normal(1, columns, seed: 5)
    var fused = x
    LayerNorm.apply(to: &fused, adding: y, bias: bias, gamma: gamma, beta: beta, epsilon: 1e-5)
    var biased = y
    biased.addBias(bias)
    var output = x
    let state = LayerNorm.applyKeeping(
      to: &output, adding: biased, gamma: gamma, beta: beta, epsilon: 1e-5)
    #expect(largestDifference(output.elements, fused.elements) < 1e-5)
    let again = LayerNorm.output(of: state, gamma: gamma, beta: beta)
    #expect(largestDifference(again.elements, output.elements) < 1e-6)

    let sums = zip(doubles(x), doubles(biased)).map { $0 + $1 }
    let expected = layerNorm(sums, doubles(gamma), doubles(beta))
    #expect(relativeError(output.elements, expected) < 2e-6)

    let upstream = Matrix.normal(rows, columns, seed: 6)
    var gradient = upstream
    let parameterSums = LayerNorm.backward(&gradient, state: state, gamma: gamma)
    let shown = min(rows, 3) * columns  // numeric differences of the first rows are enough
    let numeric = centralDifferences(at: Array(sums.prefix(shown))) {
      loss(layerNorm($0, doubles(gamma), doubles(beta)), upstream[rows: 0..<min(rows, 3)])
    }
    #expect(relativeError(Array(gradient.elements.prefix(shown)), numeric) < 1e-4)
    let byGamma = centralDifferences(at: doubles(gamma)) {
      loss(layerNorm(sums, $0, doubles(beta)), upstream)
    }
    #expect(relativeError(parameterSums.gamma.elements, byGamma) < 1e-4)
    #expect(
      relativeError(parameterSums.beta.elements, upstream.columnSums().map(Double.init)) < 1e-5)
  }

  /// softmax(Q·Kᵀ/√d)·V by loops over sequences and heads.
  private func attention(
    _ qkv: [Double], _ sequences: [Range<Int>], heads: Int, hidden: Int
  ) -> [Double] {
    let size = hidden / heads
    var out = [Double](repeating: 0, count: qkv.count / 3)
    func at(_ token: Int, _ part: Int, _ head: Int, _ j: Int) -> Double {
      qkv[token * 3 * hidden + part * hidden + head * size + j]
    }
    for rows in sequences {
      for head in 0..<heads {
        for i in rows {
          let scores = rows.map { k in
            (0..<size).reduce(0.0) { $0 + at(i, 0, head, $1) * at(k, 1, head, $1) }
              / Double(size).squareRoot()
          }
          let weights = scores.map { exp($0 - scores.max()!) }
          let sum = weights.reduce(0, +)
          for j in 0..<size {
            out[i * hidden + head * size + j] = zip(rows, weights).reduce(0) {
              $0 + $1.1 / sum * at($1.0, 2, head, j)
            }
          }
        }
      }
    }
    return out
  }

  @Test("attention", arguments: [[0..<1], [0..<3, 3..<8], [0..<17]])
  func attention(sequences: [Range<Int>]) {
    let tokens = sequences.last?.upperBound ?? 0
    let qkv = Matrix.normal(tokens, 36, seed: 1)
    let layer = Attention(heads: 3, hidden: 12)
    let output = layer.forward(qkv, sequences: sequences)
    #expect(
      relativeError(
        output.elements, attention(doubles(qkv), sequences, heads: 3, hidden: 12)) < 1e-5)
    let upstream = Matrix.normal(tokens, 12, seed: 2)
    let gradient = layer.backward(upstream, qkv: qkv, sequences: sequences)
    let numeric = centralDifferences(at: doubles(qkv)) {
      loss(attention($0, sequences, heads: 3, hidden: 12), upstream)
    }
    #expect(relativeError(gradient.elements, numeric) < 1e-4)
  }

  @Test("attention with dropout is linear in the values under fixed masks")
  func attentionDropout() {
    // With masks fixed by the key, O = D(P)·V is linear in V, and so ⟨dV, V⟩ = ⟨dO, O⟩.
    let qkv = Matrix.normal(9, 24, seed: 3)
    let dropout = Dropout(rate: 0.3, keys: [11, 12])
    let layer = Attention(heads: 2, hidden: 8)
    let sequences = [0..<4, 4..<9]
    let output = layer.forward(qkv, sequences: sequences, dropout: dropout)
    #expect(output != layer.forward(qkv, sequences: sequences))
    let upstream = Matrix.normal(9, 8, seed: 4)
    let gradient = layer.backward(upstream, qkv: qkv, sequences: sequences, dropout: dropout)
    var (left, right) = (0.0, 0.0)
    for i in 0..<9 {
      for j in 0..<8 {
        left += Double(gradient[i, 16 + j]) * Double(qkv[i, 16 + j])
        right += Double(upstream[i, j]) * Double(output[i, j])
      }
    }
    #expect(abs(left - right) < 1e-4 * max(1, abs(right)))
  }

  @Test("table look-up and its scatter")
  func gather() {
    let words = Matrix([[1, 2], [3, 4], [5, 6]])
    let places = Matrix([[10, 10], [20, 20]])
    let sums = embeddingSums(
      words: words, positions: places, types: Matrix([[100, 200]]), ids: [2, 2, 0],
      places: [0, 1, 0])
    #expect(sums.elements == [115, 216, 125, 226, 111, 212])
    var gradient = Matrix(rows: 3, columns: 2)
    gradient.scatterAdd(Matrix([[1, 2], [3, 4], [5, 6]]), to: [2, 2, 0])
    #expect(gradient.elements == [5, 6, 0, 0, 4, 6])
  }
}

@Suite("Dropout")
struct DropoutTests {
  @Test("drops the stated share, scales the rest, and repeats by key", arguments: [0.0, 0.1, 0.5])
  func share(rate: Float) {
    let ones = Matrix(rows: 100, columns: 200, elements: [Float](repeating: 1, count: 20_000))
    let dropout = Dropout(rate: rate, keys: [Dropout.key(seed: 1, step: 2, item: 3)])
    var (a, b) = (ones, ones)
    dropout.apply(to: &a, sequences: [0..<100])
    dropout.apply(to: &b, sequences: [0..<100])
    #expect(a == b)
    let dropped = Float(a.elements.count { $0 == 0 }) / 20_000
    #expect(abs(dropped - rate) < 0.01)
    #expect(a.elements.allSatisfy { $0 == 0 || abs($0 - 1 / (1 - rate)) < 1e-6 })
  }

  @Test("an item's masks do not depend on its company")
  func company() {
    let keys = (0..<3).map { Dropout.key(seed: 7, step: 1, item: $0) }
    let x = Matrix.normal(12, 5, seed: 1)
    var together = x
    Dropout(rate: 0.4, keys: keys).apply(to: &together, sequences: [0..<4, 4..<7, 7..<12])
    var alone = x[rows: 4..<7]
    Dropout(rate: 0.4, keys: [keys[1]]).apply(to: &alone, sequences: [0..<3])
    #expect(alone == together[rows: 4..<7])
    let elsewhere = Dropout(rate: 0.4, keys: [keys[1]]).at(place: 2, rate: 0.4)
    var other = x[rows: 4..<7]
    elsewhere.apply(to: &other, sequences: [0..<3])
    #expect(other != alone)
  }
}

@Suite("AdamW")
struct AdamWStepTests {
  @Test("equals the update written in float64", arguments: [1, 3, 17, 40_000])
  func steps(count: Int) {
    var p = Matrix.normal(1, count, seed: 1)
    var (m, v) = (Matrix(rows: 1, columns: count), Matrix(rows: 1, columns: count))
    var (rp, rm, rv) = (
      p.elements.map(Double.init), [Double](repeating: 0, count: count),
      [Double](repeating: 0, count: count)
    )
    for t in 1...5 {
      let g = Matrix.normal(1, count, seed: UInt64(10 + t))
      AdamWStep(learningRate: 0.01, weightDecay: 0.1, gradientScale: 0.5, number: t)
        .apply(to: &p, gradient: g, mean: &m, variance: &v)
      let gradient = g.elements
      for i in 0..<count {
        let gi = 0.5 * Double(gradient[i])
        rm[i] = 0.9 * rm[i] + 0.1 * gi
        rv[i] = 0.999 * rv[i] + 0.001 * gi * gi
        let (hatM, hatV) = (rm[i] / (1 - pow(0.9, Double(t))), rv[i] / (1 - pow(0.999, Double(t))))
        rp[i] = rp[i] * (1 - 0.01 * 0.1) - 0.01 * hatM / (hatV.squareRoot() + 1e-8)
      }
      if count > 100, t == 1 { break }  // one step shows that the threads cover everything
    }
    #expect(relativeError(p.elements, rp) < 1e-6)
  }
}
