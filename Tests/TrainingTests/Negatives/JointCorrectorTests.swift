import Corrector
import Foundation
import Tensors
import Testing

@testable import Training

@Suite("The joint corrector")
struct JointCorrectorTests {
  func corrector(
    _ dimension: Int, steps: Int = 1, weight: Float = 0, rate: Float = 1e-2
  ) -> JointCorrector {
    var options = JointCorrectorOptions()
    (options.width, options.innerSteps, options.learningRate) = (32, steps, rate)
    options.crossEntropyWeight = weight
    return JointCorrector(options, dimension: dimension, normalizes: true, seed: 31)
  }

  @Test("at the start the softmax is the stale one")
  func identity() {
    let stale = unitRows(50, 8, seed: 32)
    let corrected = corrector(8).model.apply(stale)
    #expect(staleness(of: corrected, from: stale) < 1e-13)
  }

  @Test("without drift nothing is learned, however often", arguments: [Float(0), 1])
  func frozen(weight: Float) {
    var joint = corrector(8, steps: 4, weight: weight)
    let (stale, queries) = (unitRows(20, 8, seed: 33), unitRows(5, 8, seed: 34))
    let before = joint.model.parameters
    for _ in 0..<20 { joint.learn(stale: stale, fresh: stale, queries: queries, temperature: 0.05) }
    #expect(joint.model.parameters == before && joint.optimizer.steps == 0)
  }

  /// The toy of the paper's Fig. 5: targets on the unit circle, moved by a bent map.
  @Test(
    "step by step on 50 targets of the circle: KL below 0.01 on all 200",
    arguments: [(Float(0), 1), (0, 4), (0.1, 1)])
  func circle(weight: Float, innerSteps: Int) {
    var random = RandomStream(seed: 35)
    let angles = (0..<200).map { _ in 2 * Double.pi * random.uniform() }
    func circle(_ angles: [Double]) -> Matrix {
      Matrix(angles.map { [Float(cos($0)), Float(sin($0))] })
    }
    let stale = circle(angles), fresh = circle(angles.map { $0 + 0.6 + 0.5 * sin($0) })
    let queries = circle((0..<64).map { _ in 2 * Double.pi * random.uniform() })
    var joint = corrector(2, steps: innerSteps, weight: weight)
    for step in 0..<3000 / innerSteps {
      // The targets of a step are another part of the 50 each time.
      let rows = (0..<25).map { (step * 7 + $0) % 50 }
      joint.learn(
        stale: stale.gathering(rows), fresh: fresh.gathering(rows), queries: queries,
        temperature: 0.05)
    }
    func divergence(_ corrected: Matrix) -> Double {
      SoftmaxMatch.divergence(
        queries: queries, corrected: corrected, fresh: fresh, temperature: 0.05
      ).loss
    }
    let (before, after) = (divergence(stale), divergence(joint.model.apply(stale)))
    #expect(before > 1 && after < 0.01, "\(before) → \(after)")
    #expect(after >= 0)
  }

  @Test("the divergence and its gradient equal float64 central differences")
  func divergence() {
    let (queries, fresh) = (unitRows(3, 5, seed: 36), unitRows(7, 5, seed: 37))
    let corrected = unitRows(7, 5, seed: 38)
    let found = SoftmaxMatch.divergence(
      queries: queries, corrected: corrected, fresh: fresh, temperature: 0.5)
    func value(_ moved: [Double]) -> Double {
      func logits(_ passages: [Double], _ query: [Float]) -> [Double] {
        (0..<7).map { y in
          (0..<5).reduce(0) { $0 + passages[y * 5 + $1] * Double(query[$1]) } / 0.5
        }
      }
      return (0..<3).reduce(0.0) { sum, row in
        let p = softmax(logits(fresh.elements.map(Double.init), queries.row(row)))
        let h = softmax(logits(moved, queries.row(row)))
        return sum + zip(p, h).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
      } / 3
    }
    let at = corrected.elements.map(Double.init)
    #expect(abs(found.loss - value(at)) < 1e-6)
    for i in at.indices {
      var (up, down) = (at, at)
      up[i] += 1e-5
      down[i] -= 1e-5
      #expect(abs(Double(found.gradient.elements[i]) - (value(up) - value(down)) / 2e-5) < 1e-5)
    }
    let same = SoftmaxMatch.divergence(
      queries: queries, corrected: fresh, fresh: fresh, temperature: 0.5)
    #expect(same.loss == 0 && same.gradient.sumOfSquares() == 0)
  }

  @Test("staleness is the mean of the squared distance over the squared norm")
  func measure() {
    let fresh = Matrix([[3, 4], [0, 2]]), old = Matrix([[3, 4], [0, 1]])
    #expect(staleness(of: old, from: fresh) == 0.125)
    #expect(staleness(of: fresh, from: fresh) == 0)
  }

  @Test("targets are taken once, those that are not of the corpus not at all")
  func targets() {
    let corpus = Texts(["a": "one", "b": "two", "c": "three"])
    var targets = DriftTargets()
    targets.add(["b", "x", "a"], Matrix([[1, 1], [2, 2], [3, 3]]), corpus)
    targets.add(["y"], Matrix([[9, 9]]), corpus)
    targets.add(["a", "c"], Matrix([[4, 4], [5, 5]]), corpus)
    #expect(targets.rows == [1, 0, 2])
    #expect(targets.fresh == Matrix([[1, 1], [3, 3], [5, 5]]))
  }
}
