import Evaluation
import Foundation
import Testing

@Suite("intervals and paired tests") struct UncertaintyTests {
  /// 0 and 1 in the given proportion.
  private func coin(_ ones: Int, of count: Int) -> [Double] {
    (0..<count).map { $0 < ones ? 1 : 0 }
  }

  @Test("of constant values the interval is a point", arguments: [1, 2, 17])
  func constants(count: Int) {
    let interval = bootstrapInterval(Array(repeating: 0.25, count: count), samples: 50, seed: 3)
    #expect(interval == (0.25, 0.25, 0.25))
  }

  @Test("the interval of a proportion agrees with the normal approximation")
  func proportion() {
    let interval = bootstrapInterval(coin(60, of: 200), samples: 4_000, seed: 1)
    let halfWidth = 1.96 * (0.3 * 0.7 / 200).squareRoot()
    #expect(abs(interval.estimate - 0.3) < 1e-12)
    #expect(abs(interval.low - (0.3 - halfWidth)) < 0.01)
    #expect(abs(interval.high - (0.3 + halfWidth)) < 0.01)
  }

  @Test("it covers the true mean about as often as it says")
  func coverage() {
    var covered = 0
    for trial in 0..<200 {
      var state = UInt64(trial) &* 0x9E37_79B9_7F4A_7C15 | 1
      let values = (0..<60).map { _ -> Double in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Double(state >> 11) * 0x1p-53
      }
      let interval = bootstrapInterval(values, samples: 200, confidence: 0.9, seed: UInt64(trial))
      if interval.low <= 0.5 && 0.5 <= interval.high { covered += 1 }
    }
    #expect((165...195).contains(covered), "\(covered) of 200")
  }

  @Test("more confidence is wider, and a seed repeats")
  func widthAndSeed() {
    let values = coin(30, of: 100)
    let narrow = bootstrapInterval(values, confidence: 0.5, seed: 7)
    let wide = bootstrapInterval(values, confidence: 0.99, seed: 7)
    #expect(wide.low < narrow.low && narrow.low < narrow.high && narrow.high < wide.high)
    #expect(bootstrapInterval(values, confidence: 0.5, seed: 7) == narrow)
    #expect(bootstrapInterval(values, samples: 200, seed: 8).low > 0.15)
  }

  @Test("the p-value is that of all sign patterns")
  func exactPValue() {
    let (first, second) = ([0.9, 0.8, 0.3, 0.7, 0.6, 0.5], [0.5, 0.7, 0.4, 0.4, 0.1, 0.3])
    let differences = zip(first, second).map(-)
    let observed = abs(differences.reduce(0, +))
    let extreme = (0..<64).count { pattern in
      let sum = differences.enumerated().reduce(0.0) {
        $0 + (pattern >> $1.offset & 1 == 0 ? $1.element : -$1.element)
      }
      return abs(sum) >= observed - 1e-12
    }
    let test = pairedTest(first, second, samples: 20_000, seed: 5)
    #expect(abs(test.pValue - Double(extreme) / 64) < 0.01)
    #expect(abs(test.difference - 1.4 / 6) < 1e-12)
    #expect(test.low < test.difference && test.difference < test.high)
    #expect(test.queries == 6)
  }

  @Test("equal systems differ by nothing, clear winners by chance hardly ever")
  func extremes() {
    let values = coin(20, of: 40)
    let same = pairedTest(values, values, samples: 500, seed: 2)
    #expect(same.pValue == 1)
    #expect(same.difference == 0)
    let better = pairedTest(values.map { $0 + 1 }, values, samples: 500, seed: 2)
    #expect(better.pValue == 1.0 / 501)
  }

  @Test("two reports are paired by query")
  func reports() throws {
    let qrels = Qrels(judgements: ["a": ["x": 1], "b": ["x": 1], "c": ["x": 1]])
    var rules = EvaluationRules()
    rules.countsUnansweredQueries = false
    func report(_ run: Run) throws -> EvaluationReport {
      try evaluate(run: run, qrels: qrels, metrics: [.mrr(5)], rules: rules)
    }
    let good = try report(Run(results: ["a": [("x", 1)], "b": [("x", 1)]]))
    let bad = try report(Run(results: ["b": [("y", 1), ("x", 0)], "c": [("x", 1)]]))
    let test = try pairedTest(good, bad, metric: .mrr(5), samples: 100, seed: 0)
    #expect(test.queries == 1)
    #expect(test.difference == 0.5)
    let error = try evaluationError { _ = try pairedTest(good, bad, metric: .map(5), seed: 0) }
    #expect(error.message == "the two evaluations share no query with a value of map@5")
  }

  @Test("no values is a mistake of the caller")
  func noValues() async {
    await #expect(processExitsWith: .failure) { _ = bootstrapInterval([], seed: 0) }
    await #expect(processExitsWith: .failure) { _ = pairedTest([1], [], seed: 0) }
  }
}
