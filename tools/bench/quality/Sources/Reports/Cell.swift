import Evaluation
import Foundation
import Tensors

/// The runs of one cell of a table: one configuration under several seeds.
struct Cell {
  /// By seed, all evaluated on the same questions.
  let records: [RunRecord]

  /// The mean and the standard deviation (n − 1) of a metric over the seeds.
  func spread(of metric: String) -> (mean: Double, deviation: Double) {
    let values = records.map { $0.metrics[metric] ?? 0 }
    let mean = values.reduce(0, +) / Double(max(values.count, 1))
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(max(values.count - 1, 1))).squareRoot())
  }

  /// Reciprocal ranks up to 10 of each question, by seed.
  var reciprocalRanks: [[Double]] { records.map { $0.ranks.reciprocals(upTo: 10) } }

  /// This cell minus another on MRR@10, seed by seed and question by question.
  func difference(from other: Cell) -> CellDifference {
    CellDifference(first: reciprocalRanks, second: other.reciprocalRanks)
  }
}

/// Two cells compared on the same questions and seeds.
struct CellDifference {
  /// Mean over seeds and questions.
  let mean: Double
  /// 95% interval when both seeds and questions are drawn again.
  let low: Double, high: Double
  /// Two-sided, by Fisher's randomisation over the questions' means.
  let pValue: Double
  /// Whether the two are the same to the last digit.
  let isNothing: Bool

  /// - Parameters: by seed, a value for each question; both of the same extents.
  init(first: [[Double]], second: [[Double]], samples: Int = 2_000) {
    let differences = zip(first, second).map { zip($0, $1).map(-) }
    isNothing = differences.allSatisfy { $0.allSatisfy { $0 == 0 } }
    let questions = differences.first?.count ?? 0
    let means = (0..<questions).map { q in
      differences.reduce(0) { $0 + $1[q] } / Double(differences.count)
    }
    let test = pairedTest(
      means, [Double](repeating: 0, count: questions), samples: samples, seed: 1)
    mean = test.difference
    pValue = test.pValue
    (low, high) = Self.interval(differences, samples: samples)
  }

  /// Percentiles of the mean when seeds and questions are drawn again, each for itself: the
  /// pigeonhole bootstrap for crossed factors (Owen 2007), which does not take five answers to one
  /// question for five questions.
  private static func interval(
    _ differences: [[Double]], samples: Int
  ) -> (low: Double, high: Double) {
    let (seeds, questions) = (differences.count, differences[0].count)
    let means = Array(0..<samples).concurrentMap { sample -> Double in
      var random = RandomStream(seed: 2, stream: UInt64(sample))
      func draw(_ count: Int) -> Int { Int(random.uniform() * Double(count)) }
      let drawnSeeds = (0..<seeds).map { _ in draw(seeds) }
      var sum = 0.0
      for _ in 0..<questions {
        let question = draw(questions)
        for seed in drawnSeeds { sum += differences[seed][question] }
      }
      return sum / Double(seeds * questions)
    }
    .sorted()
    return (means[Int(0.025 * Double(samples))], means[Int(0.975 * Double(samples))])
  }
}
