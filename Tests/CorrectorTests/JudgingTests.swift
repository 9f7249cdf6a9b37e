import Foundation
import Tensors
import Testing

@testable import Corrector

@Suite("Judging")
struct JudgingTests {
  @Test("figures equal loops over queries and passages", arguments: [true, false])
  func figuresMatchLoops(givenQueries: Bool) throws {
    let fresh = unitRows(300, 9, seed: 1)
    let corrected = withNoise(fresh, size: 0.4, seed: 2)
    let queries = givenQueries ? unitRows(270, 9, seed: 3) : nil  // past one block of queries
    let got = try judge(corrected: corrected, fresh: fresh, queries: queries)
    let expected = loops(corrected, fresh, queries ?? fresh, excludesOwn: !givenQueries)
    #expect(abs(got.cosine.estimate - expected.cosine) < 1e-6)
    #expect(abs(got.kl.estimate - expected.kl) < 1e-5)
    #expect(abs(got.recallAt10.estimate - expected.recall) < 1e-9)
    #expect(got.neighbours == 10 && got.passages == 300)
    #expect(got.queries == (givenQueries ? 270 : 300))
    for interval in [got.cosine, got.kl, got.recallAt10] {
      #expect(interval.low < interval.estimate && interval.estimate < interval.high)
    }
  }

  private func loops(
    _ corrected: Matrix, _ fresh: Matrix, _ queries: Matrix, excludesOwn: Bool
  ) -> (cosine: Double, kl: Double, recall: Double) {
    func dot(_ a: Matrix, _ i: Int, _ b: Matrix, _ j: Int) -> Double {
      (0..<a.columns).reduce(0) { $0 + Double(a[i, $1]) * Double(b[j, $1]) }
    }
    var (cosine, kl, recall) = (0.0, 0.0, 0.0)
    for i in 0..<fresh.rows { cosine += dot(corrected, i, fresh, i) / Double(fresh.rows) }
    for q in 0..<queries.rows {
      let others = (0..<fresh.rows).filter { !excludesOwn || $0 != q }
      let truth = others.map { dot(queries, q, fresh, $0) }
      let guess = others.map { dot(queries, q, corrected, $0) }
      let p = truth.map { exp($0 / 0.05) }, h = guess.map { exp($0 / 0.05) }
      let (sumP, sumH) = (p.reduce(0, +), h.reduce(0, +))
      for i in others.indices {
        kl += p[i] / sumP * log((p[i] / sumP) / (h[i] / sumH)) / Double(queries.rows)
      }
      let best = { (scores: [Double]) in
        Set(scores.indices.sorted { scores[$0] > scores[$1] }.prefix(10))
      }
      recall += Double(best(truth).intersection(best(guess)).count) / 10 / Double(queries.rows)
    }
    return (cosine, kl, recall)
  }

  @Test("fresh vectors are perfect", arguments: [2, 3, 17, 60])
  func freshIsPerfect(rows: Int) throws {
    let fresh = unitRows(rows, 7, seed: 4)
    let judgement = try judge(corrected: fresh, fresh: fresh, queries: nil)
    #expect(judgement.recallAt10 == Interval(low: 1, estimate: 1, high: 1))
    #expect(judgement.kl.high == 0)
    #expect(abs(judgement.cosine.low - 1) < 1e-6)
    #expect(judgement.neighbours == min(10, max(1, rows / 5)))
  }

  @Test("a duplicate of a true neighbour is as good a find")
  func duplicatesAreOneFind() throws {
    // Ten copies of one passage, then far ones: any of the copies is the query's neighbour.
    var rows = [[Float]](repeating: [1, 0], count: 10)
    rows += [[0, 1], [0, -1], [-1, 0]]
    let fresh = Matrix(rows)
    var corrected = fresh
    corrected.setRow(0, to: [0.9, 0])  // a copy that falls behind the others
    let judgement = try judge(corrected: corrected, fresh: fresh, queries: Matrix([[1, 0]]))
    #expect(judgement.neighbours == 2)
    #expect(judgement.recallAt10.estimate == 1)
  }

  @Test("the temperature sharpens the divergence, and rounding never makes it negative")
  func divergence() {
    let p: [Float] = [0.9, 0.5, 0.1], q: [Float] = [0.8, 0.6, 0.1]
    let warm = softmaxDivergence(p, q, temperature: 1)
    let cold = softmaxDivergence(p, q, temperature: 0.05)
    #expect(warm > 0 && cold > warm)
    #expect(softmaxDivergence(p, p, temperature: 0.001) == 0)
    #expect(softmaxDivergence([1, -1], [-1, 1], temperature: 0.0005).isFinite)
  }

  @Test("what cannot be judged is refused with its numbers")
  func refusals() {
    let fresh = unitRows(30, 4, seed: 5)
    var broken = fresh
    broken[7, 2] = .nan
    func code(
      _ corrected: Matrix, _ fresh: Matrix, _ queries: Matrix?, _ options: FitOptions = .init()
    ) -> CorrectorError? {
      do throws(CorrectorError) {
        _ = try judge(corrected: corrected, fresh: fresh, queries: queries, options: options)
        return nil
      } catch { return error }
    }
    #expect(code(fresh[rows: 0..<29], fresh, nil)?.code == .dimensionMismatch)
    #expect(code(fresh[rows: 0..<1], fresh[rows: 0..<1], nil)?.code == .tooFewPairs)
    #expect(code(fresh, fresh, unitRows(3, 5, seed: 6))?.code == .dimensionMismatch)
    #expect(code(fresh, fresh, Matrix(rows: 0, columns: 4))?.code == .tooFewPairs)
    #expect(code(broken, fresh, nil)?.code == .notFinite)
    #expect(code(broken, fresh, nil)?.message.contains("corrected vector 7") == true)
    #expect(code(fresh, fresh, nil, quickOptions { $0.temperature = 0 })?.code == .invalidOption)
  }
}

@Suite("Bootstrap intervals")
struct IntervalTests {
  @Test("about 95 of 100 intervals cover the true mean")
  func coverage() {
    var random = RandomStream(seed: 1, stream: 50)
    var covered = 0
    for sample in 0..<400 {
      let values = (0..<60).map { _ in 3 + random.normal() }
      let interval = bootstrapMean(values, samples: 300, confidence: 0.95, seed: UInt64(sample))
      if interval.low <= 3 && 3 <= interval.high { covered += 1 }
    }
    // 400 draws of a 0.95 coin: 380 ± 4.4; percentile intervals of 60 values cover about 0.94.
    #expect((360...395).contains(covered), "\(covered) of 400")
  }

  @Test("width follows the confidence and the number of values")
  func width() {
    var random = RandomStream(seed: 2, stream: 50)
    let values = (0..<1000).map { _ in random.normal() }
    func width(_ values: [Double], _ confidence: Double) -> Double {
      let interval = bootstrapMean(values, samples: 2000, confidence: confidence, seed: 3)
      return interval.high - interval.low
    }
    let all = width(values, 0.95)
    #expect(abs(all - 2 * 1.96 / 1000.0.squareRoot()) < 0.02)
    #expect(width(values, 0.5) < 0.5 * all)
    #expect(width(Array(values.prefix(100)), 0.95) > 2 * all)
  }

  @Test("edges", arguments: [(0, 0.0), (1, 4.0), (5, 4.0)])
  func edges(count: Int, value: Double) {
    let interval = bootstrapMean(
      [Double](repeating: 4, count: count), samples: 20, confidence: 0.9, seed: 0)
    #expect(interval == Interval(low: value, estimate: value, high: value))
  }

  @Test("quantiles interpolate", arguments: [(0.0, 1.0), (0.5, 2.5), (1.0, 4.0), (0.25, 1.75)])
  func quantiles(share: Double, value: Double) {
    #expect(quantile([1, 2, 3, 4], share) == value)
    #expect(quantile([7], share) == 7)
  }
}
