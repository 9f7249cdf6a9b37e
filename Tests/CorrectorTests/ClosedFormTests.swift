import Tensors
import Testing

@testable import Corrector

/// Moments of all rows of a pair.
private func moments(_ stale: Matrix, _ fresh: Matrix) -> CrossMoments {
  var moments = CrossMoments(about: stale, fresh)
  moments.add(stale, fresh)
  return moments
}

@Suite("Procrustes and ridge")
struct ClosedFormTests {
  @Test("a rotation is recovered to 1e-6", arguments: [1, 2, 17, 32])
  func rotationIsRecovered(d: Int) throws {
    let rotation = try orthogonal(d, seed: 5)
    let stale = unitRows(6 * d + 10, d, seed: 6)
    let fresh = matrix(
      reference(doubles(stale), rotation, stale.rows, d, d), stale.rows, d)
    let unseen = unitRows(50, d, seed: 7)
    let truth = matrix(reference(doubles(unseen), rotation, 50, d, d), 50, d)
    for normalizes in [true, false] {
      let turned = try ProcrustesCorrector.fitting(moments(stale, fresh), normalizes: normalizes)
      #expect(largestDifference(turned.apply(unseen), truth) < 1e-6)
      let mapped = try RidgeCorrector.fitting(
        moments(stale, fresh), strength: 1e-10, normalizes: normalizes)
      #expect(largestDifference(mapped.apply(unseen), truth) < 1e-6)
    }
  }

  @Test(
    "between dimensions, R has orthonormal rows or columns", arguments: [(6, 9), (9, 6), (4, 1)])
  func rectangularRotation(d: Int, e: Int) throws {
    let stale = unitRows(80, d, seed: 8), fresh = unitRows(80, e, seed: 9)
    let fitted = try ProcrustesCorrector.fitting(moments(stale, fresh), normalizes: true)
    let r = fitted.rotation
    let gram = d <= e ? product(r, r, transposeB: true) : product(r, r, transposeA: true)
    let identity = Matrix((0..<min(d, e)).map { i in (0..<min(d, e)).map { $0 == i ? 1 : 0 } })
    #expect(largestDifference(gram, identity) < 1e-5)
    let corrected = fitted.apply(stale)
    #expect(corrected.rows == 80 && corrected.columns == e)
    #expect(corrected.rowNorms().allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test("an embedding in a larger space is recovered")
  func largerSpaceIsRecovered() throws {
    let (d, e) = (5, 8)
    let map = Array(try orthogonal(e, seed: 10)[..<(d * e)])  // orthonormal rows
    let stale = unitRows(60, d, seed: 11)
    let fresh = matrix(reference(doubles(stale), map, 60, d, e), 60, e)
    let fitted = try ProcrustesCorrector.fitting(moments(stale, fresh), normalizes: true)
    #expect(largestDifference(fitted.apply(stale), fresh) < 1e-6)
  }

  @Test(
    "ridge equals a float64 loop over the normal equations",
    arguments: [(1, 1, 3), (3, 3, 40), (7, 4, 25), (17, 17, 9)], [1e-4, 0.1, 10])
  func ridgeMatchesLoop(shape: (d: Int, e: Int, n: Int), strength: Double) throws {
    let (d, e, n) = shape
    var stale = gaussian(n, d, seed: 12)
    stale.addToRows([Float](repeating: 2, count: d))
    let fresh = gaussian(n, e, seed: 13)
    let got = try RidgeCorrector.fitting(
      moments(stale, fresh), strength: strength, normalizes: false)
    let expected = ridgeByLoops(stale, fresh, strength: strength)
    #expect(got.addsInput == (d == e))
    let applied = got.apply(stale)
    for row in 0..<n {
      for j in 0..<e {
        var value = expected.bias[j] + (d == e ? Double(stale[row, j]) : 0)
        for i in 0..<d { value += Double(stale[row, i]) * expected.weight[i * e + j] }
        #expect(abs(Double(applied[row, j]) - value) < 1e-5)
      }
    }
  }

  /// Normal equations by loops and Gauss-Jordan elimination.
  private func ridgeByLoops(
    _ x: Matrix, _ y: Matrix, strength: Double
  ) -> (weight: [Double], bias: [Double]) {
    let (n, d, e) = (x.rows, x.columns, y.columns)
    func target(_ r: Int, _ j: Int) -> Double {
      Double(y[r, j]) - (d == e ? Double(x[r, j]) : 0)
    }
    let mx = (0..<d).map { i in (0..<n).reduce(0) { $0 + Double(x[$1, i]) } / Double(n) }
    let mt = (0..<e).map { j in (0..<n).reduce(0) { $0 + target($1, j) } / Double(n) }
    var system = [[Double]](repeating: [Double](repeating: 0, count: d + e), count: d)
    for i in 0..<d {
      for r in 0..<n {
        let xi = Double(x[r, i]) - mx[i]
        for k in 0..<d { system[i][k] += xi * (Double(x[r, k]) - mx[k]) }
        for j in 0..<e { system[i][d + j] += xi * (target(r, j) - mt[j]) }
      }
    }
    let penalty = strength * (0..<d).reduce(0) { $0 + system[$1][$1] } / Double(d)
    for i in 0..<d { system[i][i] += penalty }
    for i in 0..<d {
      let pivot = system[i][i]
      for k in 0..<(d + e) { system[i][k] /= pivot }
      for other in 0..<d where other != i {
        let factor = system[other][i]
        for k in 0..<(d + e) { system[other][k] -= factor * system[i][k] }
      }
    }
    let weight = system.flatMap { $0[d...] }
    let bias = (0..<e).map { j in mt[j] - (0..<d).reduce(0) { $0 + mx[$1] * weight[$1 * e + j] } }
    return (weight, bias)
  }

  @Test("a strong penalty keeps the vectors, but for their mean shift")
  func strongPenaltyKeeps() throws {
    let stale = unitRows(60, 6, seed: 14)
    var fresh = stale
    fresh.addToRows([0.5, 0, -0.25, 0, 0, 0])
    let fitted = try RidgeCorrector.fitting(moments(stale, fresh), strength: 1e9, normalizes: false)
    #expect(largestDifference(fitted.apply(stale), fresh) < 1e-5)
    #expect(fitted.weight.elements.allSatisfy { abs($0) < 1e-6 })
  }

  @Test("equal rows have no spread: the map is their shift")
  func equalRows() throws {
    let stale = Matrix([[1, 0], [1, 0], [1, 0]]), fresh = Matrix([[0, 1], [0, 1], [0, 1]])
    let fitted = try RidgeCorrector.fitting(moments(stale, fresh), strength: 0.1, normalizes: false)
    #expect(fitted.apply(stale) == fresh)
  }

  @Test("noise asks for a stronger penalty than an exact map")
  func strengthFollowsNoise() throws {
    let d = 12
    let stale = unitRows(40, d, seed: 15)
    let exact = matrix(
      reference(doubles(stale), try orthogonal(d, seed: 16), 40, d, d), 40, d)
    let strengths = [1e-8, 1e-4, 0.01, 1, 100]
    func strength(_ fresh: Matrix) throws -> Double? {
      let options = quickOptions { $0.ridgeStrengths = strengths }
      let pairs = CorrectionPairs(stale: stale, fresh: fresh)
      let folded = FoldedPairs(pairs, try Folds(pairs, options: options))
      let systems = RidgeSystems(FoldMoments(folded))
      return RidgeCorrector.search(folded, systems, options: options).chosen()
    }
    #expect(try strength(exact) == 1e-8)
    let noisy = try #require(try strength(withNoise(stale, size: 2, seed: 17)))
    #expect(noisy >= 1)
  }

  @Test("blocks of rows are corrected as single rows are", arguments: [0, 1, 1023, 1025])
  func blocksAgree(rows: Int) throws {
    let stale = unitRows(rows, 5, seed: 18)
    let map = RidgeCorrector(
      weight: gaussian(5, 5, seed: 19), bias: [1, 2, 3, 4, 5], addsInput: true, normalizes: true)
    let all = map.apply(stale)
    #expect(all.rows == rows && all.columns == 5)
    for row in Set([0, rows / 2, rows - 1]) where row >= 0 && row < rows {
      let single = map.apply(stale[rows: row..<row + 1])
      #expect(largestDifference(all[rows: row..<row + 1], single) < 1e-6)
    }
  }
}
