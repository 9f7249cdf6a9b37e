import Foundation
import Tensors
import Testing

@testable import Corrector

@Suite("Residual MLP")
struct ResidualMLPTests {
  @Test("the start is the identity, bit for bit", arguments: [1, 3, 17], [1, 64, 65])
  func startIsIdentity(d: Int, width: Int) {
    let stale = unitRows(37, d, seed: 1)
    let plain = ResidualMLP(identityOf: d, width: width, normalizes: false, seed: 2)
    #expect(bits(plain.apply(stale)) == bits(stale))
    let normalizing = ResidualMLP(identityOf: d, width: width, normalizes: true, seed: 2)
    let ulp = zip(normalizing.apply(stale).elements, stale.elements)
      .allSatisfy { abs($0 - $1) <= 2 * max($1.ulp, Float.leastNormalMagnitude) }
    #expect(ulp)
  }

  @Test("at the start the softmax is the stale one")
  func startKeepsSoftmax() throws {
    let stale = unitRows(40, 8, seed: 3)
    let start = ResidualMLP(identityOf: 8, width: 16, normalizes: true, seed: 4)
    let judgement = try judge(
      corrected: start.apply(stale), fresh: stale, queries: unitRows(9, 8, seed: 5))
    #expect(judgement.kl.estimate < 1e-10 && judgement.recallAt10.estimate == 1)
  }

  @Test("without drift: loss 0, gradient 0, and fitting stays at the identity")
  func frozenEncoder() {
    let stale = unitRows(50, 6, seed: 6)
    let start = ResidualMLP(identityOf: 6, width: 8, normalizes: false, seed: 7)
    let (loss, gradient) = start.lossAndGradient(stale: stale, fresh: stale)
    #expect(loss == 0)
    #expect(gradient == MLPParameters(dimension: 6, width: 8))
    let pairs = CorrectionPairs(stale: stale, fresh: stale)
    for normalizes in [true, false] {
      let fitted = ResidualMLP.fitting(
        pairs, validation: pairs, normalizes: normalizes, options: quickOptions().mlp, seed: 7,
        progress: { _ in })
      #expect(fitted.steps == 0)
      #expect(fitted.model.parameters.w2 == Matrix(rows: 16, columns: 6))
      #expect(fitted.model.parameters.b2 == Matrix(rows: 1, columns: 6))
    }
  }

  @Test(
    "gradients equal float64 central differences",
    arguments: [(1, 1, 1), (5, 3, 4), (17, 5, 9)], [true, false])
  func gradients(shape: (n: Int, d: Int, r: Int), normalizes: Bool) {
    let (n, d, r) = shape
    var model = ResidualMLP(identityOf: d, width: r, normalizes: normalizes, seed: 8)
    model.parameters.w2 = gaussian(r, d, seed: 9)
    model.parameters.b1 = gaussian(1, r, seed: 10)
    model.parameters.b2 = gaussian(1, d, seed: 11)
    let stale = gaussian(n, d, seed: 12), fresh = unitRows(n, d, seed: 13)
    let (loss, gradient) = model.lossAndGradient(stale: stale, fresh: fresh)
    let reference = DoubleMLP(model, stale, fresh)
    #expect(abs(loss - reference.loss()) < 1e-5 * max(reference.loss(), 1))
    let got = [gradient.w1, gradient.b1, gradient.w2, gradient.b2].map(doubles)
    for (name, (mine, numeric)) in zip(["w1", "b1", "w2", "b2"], zip(got, reference.gradient())) {
      let scale = max(numeric.map(abs).max() ?? 0, 1e-2)
      let worst = zip(mine, numeric).map { abs($0 - $1) }.max() ?? 0
      #expect(worst / scale < 1e-4, "\(name)")
    }
  }

  @Test("the circle toy: KL below 0.01 from 50 targets")
  func circleToy() throws {
    let all = angles(200, seed: 14)
    let stale = circle(all), fresh = circle(drifted(all))
    let queries = circle(angles(64, seed: 15))
    let train = CorrectionPairs(stale: stale[rows: 0..<50], fresh: fresh[rows: 0..<50])
    var options = MLPOptions()
    (options.width, options.steps, options.batchRows) = (32, 3000, 50)
    (options.stepsPerLook, options.learningRate) = (3000, 1e-2)
    let nothing = CorrectionPairs(
      stale: Matrix(rows: 0, columns: 2), fresh: Matrix(rows: 0, columns: 2))
    let (model, steps) = ResidualMLP.fitting(
      train, validation: nothing, normalizes: true, options: options, seed: 16, progress: { _ in })
    #expect(steps == 3000)
    let before = try judge(corrected: stale, fresh: fresh, queries: queries)
    let after = try judge(corrected: model.apply(stale), fresh: fresh, queries: queries)
    #expect(before.kl.estimate > 1)
    #expect(after.kl.estimate < 0.01)
  }

  @Test("vectors of another scale are fitted as well", arguments: [Float(0.01), 1, 300])
  func scales(scale: Float) throws {
    var pairs = networkDrift(300, 8, perturbation: 0.5, seed: 17)
    pairs.stale.scale(by: scale)
    pairs.fresh.scale(by: scale)
    var options = quickOptions().mlp
    (options.steps, options.learningRate) = (400, 2e-3)
    let (model, _) = ResidualMLP.fitting(
      pairs, validation: pairs, normalizes: false, options: options, seed: 18, progress: { _ in })
    let before = meanSquaredDistance(pairs.stale, pairs.fresh)
    let after = meanSquaredDistance(model.apply(pairs.stale), pairs.fresh)
    #expect(after < 0.6 * before)
  }

  @Test("Adam's steps equal the algorithm's, in float64")
  func adamSteps() {
    var parameters = MLPParameters(dimension: 1, width: 1)
    var adam = MLPAdam(dimension: 1, width: 1)
    var (m, v, x) = (0.0, 0.0, 0.0)
    for step in 1...5 {
      var gradient = MLPParameters(dimension: 1, width: 1)
      let g = Double([0.5, -0.1, 2, 0, 0.3][step - 1])
      gradient.w1[0, 0] = Float(g)
      adam.step(&parameters, gradient: gradient, learningRate: 0.1)
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      let mean = m / (1 - pow(0.9, Double(step))), square = v / (1 - pow(0.999, Double(step)))
      x -= 0.1 * mean / (square.squareRoot() + 1e-8)
      #expect(abs(Double(parameters.w1[0, 0]) - x) < 1e-5)
      #expect(parameters.w2[0, 0] == 0)
    }
    #expect(adam.steps == 5)
  }

  @Test("every row comes once per epoch, in an order that follows the seed")
  func minibatches() {
    var batches = Minibatches(rows: 12, size: 4, seed: 1)
    var again = Minibatches(rows: 12, size: 4, seed: 1)
    var other = Minibatches(rows: 12, size: 4, seed: 2)
    let epoch = (0..<3).flatMap { _ in batches.next() }
    #expect(epoch.sorted() == Array(0..<12))
    #expect(epoch == (0..<3).flatMap { _ in again.next() })
    #expect(epoch != (0..<3).flatMap { _ in other.next() })
    #expect((0..<3).flatMap { _ in batches.next() }.sorted() == Array(0..<12))
    var few = Minibatches(rows: 3, size: 100, seed: 1)
    #expect(few.next().sorted() == [0, 1, 2] && few.next().sorted() == [0, 1, 2])
  }
}

/// The network and its loss in float64, by loops.
private struct DoubleMLP {
  var parameters: [[Double]]
  let n: Int, d: Int, r: Int
  let normalizes: Bool
  let stale: [Double], fresh: [Double]

  init(_ model: ResidualMLP, _ stale: Matrix, _ fresh: Matrix) {
    parameters = model.tensors.map { doubles($0.values) }
    (n, d, r) = (stale.rows, stale.columns, model.parameters.w1.columns)
    normalizes = model.normalizes
    (self.stale, self.fresh) = (doubles(stale), doubles(fresh))
  }

  func loss() -> Double {
    let (w1, b1, w2, b2) = (parameters[0], parameters[1], parameters[2], parameters[3])
    var total = 0.0
    for row in 0..<n {
      let z = Array(stale[row * d..<(row + 1) * d])
      let hidden = (0..<r).map { k in
        let a = b1[k] + (0..<d).reduce(0) { $0 + z[$1] * w1[$1 * r + k] }
        return a * 0.5 * (1 + erf(a / 2.0.squareRoot()))
      }
      var out = (0..<d).map { j in
        z[j] + b2[j] + (0..<r).reduce(0) { $0 + hidden[$1] * w2[$1 * d + j] }
      }
      if normalizes {
        let norm = out.reduce(0) { $0 + $1 * $1 }.squareRoot()
        out = out.map { $0 / norm }
      }
      for j in 0..<d { total += (out[j] - fresh[row * d + j]) * (out[j] - fresh[row * d + j]) }
    }
    return total / Double(n)
  }

  func gradient() -> [[Double]] {
    parameters.indices.map { p in
      parameters[p].indices.map { i in
        var (up, down) = (self, self)
        up.parameters[p][i] += 1e-5
        down.parameters[p][i] -= 1e-5
        return (up.loss() - down.loss()) / 2e-5
      }
    }
  }
}
