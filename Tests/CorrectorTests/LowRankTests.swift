import Tensors
import Testing

@testable import Corrector

@Suite("Low rank")
struct LowRankTests {
  /// Rows of `z + z · U · V + b` (or without `z +`), a drift of rank `rank`.
  private func drifted(_ stale: Matrix, to e: Int, rank: Int) -> Matrix {
    let d = stale.columns
    var fresh = d == e ? stale : Matrix(rows: stale.rows, columns: e)
    var u = gaussian(d, rank, seed: 1)
    u.scale(by: 0.5)
    addProduct(product(stale, u), gaussian(rank, e, seed: 2), to: &fresh)
    fresh.addToRows(gaussian(1, e, seed: 3).row(0))
    return fresh
  }

  private func system(_ stale: Matrix, _ fresh: Matrix) -> PrimalRidge {
    var moments = CrossMoments(about: stale, fresh)
    moments.add(stale, fresh)
    return PrimalRidge(moments, staleColumns: stale.columns)
  }

  @Test(
    "a drift of rank r is recovered, by the least rank that can",
    arguments: [(12, 12, 3), (12, 7, 3), (7, 12, 2), (9, 9, 1)])
  func exactRank(d: Int, e: Int, rank: Int) throws {
    let stale = unitRows(60, d, seed: 4), unseen = unitRows(30, d, seed: 5)
    let report = try fit(
      CorrectionPairs(stale: stale, fresh: drifted(stale, to: e, rank: rank)),
      quickOptions {
        ($0.normalizes, $0.kinds) = (false, [.lowRank])
        ($0.ranks, $0.ridgeStrengths) = ([5, 1, 2, 3, 40], [1e-12])
      })
    let found = try #require(report.candidates.last)
    let map = try #require(found.corrector as? LowRankCorrector)
    #expect(largestDifference(map.apply(unseen), drifted(unseen, to: e, rank: rank)) < 1e-4)
    #expect(map.rank >= rank && map.addsInput == (d == e))
    #expect(found.note.contains("rank \(map.rank), strength 1e-12"))
    // One rank less is not enough, and far off.
    if rank > 1 {
      let less = try ReducedRank(
        system(stale, drifted(stale, to: e, rank: rank)), strength: 1e-12
      ).map(rank: rank - 1, normalizes: false)
      #expect(largestDifference(less.apply(unseen), drifted(unseen, to: e, rank: rank)) > 0.05)
    }
  }

  @Test("full rank is ridge", arguments: [(6, 6), (6, 4), (4, 7), (1, 1)], [1e-3, 1])
  func fullRank(shape: (d: Int, e: Int), strength: Double) throws {
    let stale = gaussian(40, shape.d, seed: 6), fresh = gaussian(40, shape.e, seed: 7)
    let system = system(stale, fresh)
    for normalizes in [true, false] {
      let ridge = try RidgeCorrector.fitting(system, strength: strength, normalizes: normalizes)
      let low = try ReducedRank(system, strength: strength)
        .map(rank: shape.e, normalizes: normalizes)
      #expect(largestDifference(low.apply(stale), ridge.apply(stale)) < 1e-5)
    }
  }

  @Test("no map of the same rank has a smaller penalised error", arguments: [1, 2, 4])
  func isOptimal(rank: Int) throws {
    let (n, d, e, strength) = (50, 6, 5, 0.2)
    let stale = gaussian(n, d, seed: 8)
    var fresh = product(stale, gaussian(d, e, seed: 9))
    fresh.add(gaussian(n, e, seed: 10))
    let system = system(stale, fresh)
    let penalty = system.penalty(strength: strength)
    func objective(_ u: Matrix, _ v: Matrix) -> Double {
      let weight = product(u, v)
      let bias = system.bias(of: doubles(weight)).map { Float($0) }
      let map = RidgeCorrector(weight: weight, bias: bias, addsInput: false, normalizes: false)
      let error = meanSquaredDistance(map.apply(stale), fresh) * Double(n)
      return error + penalty * weight.sumOfSquares()
    }
    let best = try ReducedRank(system, strength: strength).map(rank: rank, normalizes: false)
    let least = objective(best.u, best.v)
    for seed in UInt64(0)..<40 {
      var (u, v) = (best.u, best.v)
      let size: Float = seed % 2 == 0 ? 0.01 : 0.2
      u.add(gaussian(d, rank, seed: 11 + seed), scaledBy: size)
      v.add(gaussian(rank, e, seed: 60 + seed), scaledBy: size)
      #expect(objective(u, v) > least)
    }
    // Nor has the ridge map cut to its own leading directions, which ignores how rows spread.
    let weight = try system.weight(penalty: penalty)
    let (u, s, vt) = try singularValueDecomposition(weight, rows: d, columns: e)
    let cut = (0..<d).flatMap { i in (0..<rank).map { u[i * e + $0] * s[$0] } }
    let truncated = objective(matrix(cut, d, rank), matrix(Array(vt[..<(rank * e)]), rank, e))
    #expect(truncated > least * (1 + 1e-6))
  }

  @Test("few noisy pairs of a drift of low rank leave ridge behind")
  func noise() throws {
    let stale = unitRows(100, 24, seed: 11)
    var noisy = drifted(stale, to: 24, rank: 2)
    noisy.add(gaussian(100, 24, seed: 12), scaledBy: 0.05)
    let report = try fit(
      CorrectionPairs(stale: stale, fresh: noisy),
      quickOptions {
        ($0.kinds, $0.ranks, $0.normalizes) = ([.lowRank, .ridge], [2, 8], false)
      })
    let rows = unitRows(400, 24, seed: 13)
    let errors = report.candidates.map {
      meanSquaredDistance($0.corrector.apply(rows), drifted(rows, to: 24, rank: 2))
    }
    #expect(report.candidates.map(\.corrector.kind) == [.identity, .lowRank, .ridge])
    #expect(report.candidates[1].note.contains("rank 2"))
    #expect(errors[1] < 0.5 * errors[2])
  }

  @Test("without a rank below both dimensions it is skipped, and it is said why")
  func noRank() throws {
    let stale = unitRows(60, 8, seed: 14)
    let pairs = CorrectionPairs(stale: stale, fresh: unitRows(60, 9, seed: 15))
    let report = try fit(
      pairs, quickOptions { ($0.kinds, $0.ranks) = ([.lowRank, .ridge], [8, 9]) })
    let skipped = try #require(report.skipped.first { $0.kind == .lowRank })
    #expect(skipped.reason == "no rank of [8, 9] is below the dimensions, 8 and 9")
    #expect(report.candidates.map(\.corrector.kind) == [.ridge])
  }

  @Test("blocks of rows are corrected as single rows are", arguments: [0, 1, 1023, 1025])
  func blocksAgree(rows: Int) {
    let map = LowRankCorrector(
      u: gaussian(5, 2, seed: 16), v: gaussian(2, 5, seed: 17), bias: [1, 2, 3, 4, 5],
      addsInput: true, normalizes: true)
    let stale = unitRows(rows, 5, seed: 18)
    let all = map.apply(stale)
    #expect(all.rows == rows && all.columns == 5)
    for row in Set([0, rows / 2, rows - 1]) where row >= 0 && row < rows {
      let single = map.apply(stale[rows: row..<row + 1])
      #expect(largestDifference(all[rows: row..<row + 1], single) < 1e-6)
    }
  }

  @Test(
    "damage is named",
    arguments: [
      ("rank", "3", "\"u\" is 5×2, not 5×3"), ("rank", "0", "\"0\""),
      ("adds-input", "so", "\"so\""),
    ])
  func damage(key: String, value: String, text: String) {
    let map = LowRankCorrector(
      u: gaussian(5, 2, seed: 19), v: gaussian(2, 5, seed: 20), bias: [1, 2, 3, 4, 5],
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
