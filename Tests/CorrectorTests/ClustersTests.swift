import Foundation
import Tensors
import Testing

@testable import Corrector

/// Rows about two opposite directions, by turns.
private func twoClusters(_ rows: Int, _ d: Int, seed: UInt64) -> Matrix {
  var result = gaussian(rows, d, seed: seed)
  result.scale(by: 1 / Float(d).squareRoot())
  for row in 0..<rows { result[row, 0] += row % 2 == 0 ? 2 : -2 }
  result.normalizeRows()
  return result
}

/// The rows of each of the two turned by a rotation of its own.
private func turnedApart(_ stale: Matrix, to e: Int) throws -> Matrix {
  let (n, d) = (stale.rows, stale.columns)
  let size = max(d, e)
  func turned(_ seed: UInt64) throws -> [Double] {
    let whole = try orthogonal(size, seed: seed)
    let map = (0..<d).flatMap { whole[$0 * size..<$0 * size + e] }
    return reference(doubles(stale), map, n, d, e)
  }
  let maps = [try turned(31), try turned(32)]
  var fresh = Matrix(rows: n, columns: e)
  for row in 0..<n {
    let map = maps[stale[row, 0] > 0 ? 0 : 1]
    fresh.setRow(row, to: map[row * e..<(row + 1) * e].map { Float($0) })
  }
  fresh.normalizeRows()
  return fresh
}

@Suite("Clusters")
struct ClustersTests {
  private func gate(_ k: Int, _ d: Int, temperature: Float = 0.1) -> ClusterGate {
    ClusterGate(centroids: unitRows(k, d, seed: 1), temperature: temperature)
  }

  @Test(
    "a drift of its own in each cluster is recovered, where one ridge cannot",
    arguments: [(8, 8), (8, 6), (6, 8)])
  func recoversClusters(d: Int, e: Int) throws {
    let stale = twoClusters(400, d, seed: 2)
    let pairs = CorrectionPairs(stale: stale, fresh: try turnedApart(stale, to: e))
    let report = try fit(
      pairs, quickOptions {
        ($0.kinds, $0.clusters, $0.clusterStrengths) = ([.ridge, .clusters], [2], [1e-6])
      })
    #expect(report.corrector.kind == .clusters)
    let unseen = twoClusters(200, d, seed: 3)
    let truth = try turnedApart(unseen, to: e)
    let errors = report.candidates.suffix(2).map {
      meanSquaredDistance($0.corrector.apply(unseen), truth)
    }
    #expect(errors[0] > 0.02, "one ridge cannot")
    // Between dimensions rows are cut, and scaled to norm 1 again: no affine map does just that.
    #expect(errors[1] < (e < d ? 0.2 : 0.01) * errors[0])
    #expect(report.candidates.last?.note == "2 clusters, strength 1e-06")
  }

  @Test("a penalty without end leaves ridge and a shift in each cluster")
  func strongPenaltyIsRidge() throws {
    let pairs = CorrectionPairs(stale: gaussian(50, 6, seed: 4), fresh: gaussian(50, 6, seed: 5))
    var moments = CrossMoments(about: pairs.stale, pairs.fresh)
    moments.add(pairs.stale, pairs.fresh)
    let ridge = try RidgeCorrector.fitting(moments, strength: 0.1, normalizes: false)
    let clusters = try ClusteredRidgeCorrector.fitting(
      pairs, from: ridge, gate: gate(3, 6), strength: 1e9)
    for cluster in 0..<3 {
      let weight = clusters.weights[rows: cluster * 6..<cluster * 6 + 6]
      #expect(largestDifference(weight, ridge.weight) < 1e-5)
    }
    // The shifts are those of each cluster: its weighted mean residual is gone.
    let shares = clusters.gate.shares(of: pairs.stale)
    var residuals = pairs.fresh
    residuals.add(ridge.apply(pairs.stale), scaledBy: -1)
    for cluster in 0..<3 {
      let share = (0..<50).map { Double(shares[$0, cluster]) }.map { $0 > 0.01 ? $0 : 0 }
      for j in 0..<6 {
        let mean =
          (0..<50).reduce(0) { $0 + share[$1] * Double(residuals[$1, j]) } / share.reduce(0, +)
        #expect(
          abs(Double(clusters.biases[cluster, j] - ridge.bias[j]) - mean) < 1e-5)
      }
    }
  }

  @Test("a cluster's change is weighted ridge by loops", arguments: [(20, 3), (3, 20), (17, 17)])
  func changeIsWeightedRidge(n: Int, d: Int) throws {
    let pairs = CorrectionPairs(stale: gaussian(n, d, seed: 6), fresh: gaussian(n, 2, seed: 7))
    let none = RidgeCorrector(
      weight: Matrix(rows: d, columns: 2), bias: [0, 0], addsInput: false, normalizes: false)
    let gate = gate(2, d, temperature: 0.5)
    let fitted = try ClusteredRidgeCorrector.fitting(pairs, from: none, gate: gate, strength: 0.3)
    let shares = gate.shares(of: pairs.stale)
    #expect(shares.elements.allSatisfy { $0 > 0.01 }, "all rows teach both")
    for cluster in 0..<2 {
      let g = (0..<n).map { Double(shares[$0, cluster]) }
      func mean(_ rows: Matrix, _ j: Int) -> Double {
        (0..<n).reduce(0) { $0 + g[$1] * Double(rows[$1, j]) } / g.reduce(0, +)
      }
      let x = (0..<d).map { j in (0..<n).map { Double(pairs.stale[$0, j]) - mean(pairs.stale, j) } }
      let trace = x.reduce(0) { sum, column in
        sum + (0..<n).reduce(0) { $0 + g[$1] * column[$1] * column[$1] }
      }
      // The normal equations hold: Σ g·x·(residual) = λ·Δ, and Σ g·(residual) = 0.
      for j in 0..<2 {
        let left = (0..<n).map { row in
          Double(pairs.fresh[row, j]) - Double(fitted.biases[cluster, j])
            - (0..<d).reduce(0) {
              $0 + Double(pairs.stale[row, $1]) * Double(fitted.weights[cluster * d + $1, j])
            }
        }
        #expect(abs((0..<n).reduce(0) { $0 + g[$1] * left[$1] }) < 1e-4)
        for i in 0..<d {
          let pull = (0..<n).reduce(0) { $0 + g[$1] * x[i][$1] * left[$1] }
          let weight = Double(fitted.weights[cluster * d + i, j])
          #expect(abs(pull - 0.3 * trace / Double(d) * weight) < 1e-4)
        }
      }
    }
  }

  @Test("it is applied as its formula says", arguments: [0, 1, 1023, 1025], [true, false])
  func formula(rows: Int, adds: Bool) {
    let e = adds ? 4 : 3
    let map = ClusteredRidgeCorrector(
      gate: gate(3, 4), weights: gaussian(12, e, seed: 8), biases: gaussian(3, e, seed: 9),
      addsInput: adds, normalizes: false)
    let stale = gaussian(rows, 4, seed: 10)
    let all = map.apply(stale)
    #expect(all.rows == rows && all.columns == e)
    for row in Set([0, rows / 2, rows - 1]) where row >= 0 && row < rows {
      let z = doubles(stale[rows: row..<row + 1])
      let norm = z.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let logits = (0..<3).map { c in
        (0..<4).reduce(0) { $0 + z[$1] / norm * Double(map.gate.centroids[c, $1]) } / 0.1
      }
      let total = logits.reduce(0) { $0 + exp($1) }
      for j in 0..<e {
        var value = adds ? z[j] : 0
        for c in 0..<3 {
          let own = (0..<4).reduce(Double(map.biases[c, j])) {
            $0 + z[$1] * Double(map.weights[c * 4 + $1, j])
          }
          value += exp(logits[c]) / total * own
        }
        #expect(abs(Double(all[row, j]) - value) < 1e-4)
      }
    }
  }

  @Test("clusters are found, whatever row begins; equal rows are one cluster")
  func kMeans() {
    let rows = twoClusters(60, 5, seed: 11)
    for seed in UInt64(0)..<10 {
      let two = ClusterGate(clustering: rows, into: 2, temperature: 0.05, seed: seed)
      #expect(two.sizes(on: rows) == [30, 30])
      let shares = two.shares(of: rows)
      for row in 0..<60 { #expect(abs(shares[row, 0] + shares[row, 1] - 1) < 1e-6) }
      for row in 2..<60 { #expect(abs(shares[row, 0] - shares[row % 2, 0]) < 0.01) }
    }
    let equal = Matrix([[Float]](repeating: [0.6, 0.8], count: 20))
    let one = ClusterGate(clustering: equal, into: 4, temperature: 0.05, seed: 1)
    #expect(one.centroids.rows == 1)
    let nothing = one.shares(of: Matrix(rows: 2, columns: 2))
    #expect(nothing.elements == [1, 1])
  }

  @Test("too few pairs for any number of clusters are told")
  func tooFew() throws {
    let stale = unitRows(30, 5, seed: 12)
    let pairs = CorrectionPairs(stale: stale, fresh: unitRows(30, 5, seed: 13))
    let report = try fit(
      pairs, quickOptions { ($0.kinds, $0.clusters) = ([.clusters], [4, 8]) })
    #expect(report.candidates.map(\.corrector.kind) == [.identity])
    #expect(
      report.skipped.first?.reason
        == "no number of clusters of [4, 8] leaves 10 of 30 pairs to each")
  }

  @Test(
    "damage is named",
    arguments: [
      ("clusters", "4", "\"centroids\" is 3×5, not 4×5"), ("clusters", "0", "\"0\""),
      ("temperature", "-1", "\"-1\""), ("temperature", "nan", "\"nan\""),
    ])
  func damage(key: String, value: String, text: String) {
    let map = ClusteredRidgeCorrector(
      gate: gate(3, 5), weights: gaussian(15, 5, seed: 14), biases: gaussian(3, 5, seed: 15),
      addsInput: true, normalizes: true)
    var metadata = map.metadata
    metadata[key] = value
    let error = #expect(throws: CorrectorError.self) {
      try makeCorrector(tensors: Dictionary(uniqueKeysWithValues: map.tensors), metadata: metadata)
    }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
  }
}
