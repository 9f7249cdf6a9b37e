import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("ContAccum equals the whole matrix of scores")
struct ContAccumTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var capacity: Int
    /// Sizes of the groups, taken in turn.
    var sizes: [Int]
    var negatives = 1
    var count = 40
    var pool = 40
    var change: @Sendable (inout TrainingConfiguration) -> Void = { _ in }
    var note = ""

    var configuration: TrainingConfiguration {
      var configuration = TrainingConfiguration(steps: 1, temperature: 0.05, bankSize: capacity)
      change(&configuration)
      return configuration
    }
    var testDescription: String { "bank of \(capacity), groups of \(sizes) \(note)" }
  }

  static let cases: [Case] = [
    Case(capacity: 24, sizes: [8]), Case(capacity: 24, sizes: [4], negatives: 0),
    Case(capacity: 10, sizes: [4], negatives: 2), Case(capacity: 7, sizes: [1], negatives: 3),
    Case(capacity: 1, sizes: [1]), Case(capacity: 5, sizes: [12]), Case(capacity: 12, sizes: [12]),
    Case(capacity: 16, sizes: [4, 4, 4, 3]), Case(capacity: 13, sizes: [2, 7, 1, 20, 5]),
    Case(capacity: 24, sizes: [8], change: { $0.normaliser = .localRows }, note: "local rows"),
    Case(capacity: 24, sizes: [8], change: { $0.bankSides = .passages }, note: "passages"),
    Case(capacity: 11, sizes: [4, 3], change: { $0.bankSides = .passages }, note: "passages"),
    Case(capacity: 24, sizes: [8], change: { $0.masksFalseNegatives = false }, note: "no masks"),
    Case(capacity: 18, sizes: [4], change: { $0.isSymmetric = true }, note: "symmetric"),
    Case(capacity: 9, sizes: [4, 5], change: { $0.isSymmetric = true }, note: "symmetric"),
    Case(
      capacity: 18, sizes: [4], change: { $0.matryoshkaDimensions = [5, 12, 2] },
      note: "Matryoshka"),
    Case(
      capacity: 10, sizes: [4],
      change: { ($0.isSymmetric, $0.matryoshkaDimensions) = (true, [3, 7]) },
      note: "symmetric Matryoshka"),
    Case(capacity: 300, sizes: [20], negatives: 2, count: 18, pool: 500, note: "several tasks"),
    Case(capacity: 24, sizes: [8], change: { $0.temperature = 0.002 }, note: "cold"),
    Case(capacity: 24, sizes: [8], change: { $0.temperature = 1 }, note: "warm"),
  ]

  @Test("loss, accuracy, mass and gradients of every micro-batch", arguments: cases)
  func equalsNaive(test: Case) {
    let objective = ContrastiveObjective(test.configuration)
    let reference = ContrastiveReference(test.configuration)
    var stream = ContrastiveStream(negatives: test.negatives, pool: test.pool)
    var bank = MemoryBank(capacity: test.capacity)
    var banked: [[ContrastiveReference.Example]] = []
    for step in 0..<test.count {
      let group = stream.group(of: test.sizes[step % test.sizes.count])
      let old = Array(banked.joined().suffix(test.capacity))
      let expected = reference.evaluate(group.examples, bank: old)
      let got = objective.evaluate(
        queries: group.queries, columns: group.columns, of: group.batch, weight: 0.25,
        bank: &bank)
      #expect(
        abs(got.loss - expected.loss) <= 1e-6 * max(1, expected.loss),
        "step \(step): \(got.loss), expected \(expected.loss)")
      #expect(abs(got.accuracy - expected.accuracy) < 1e-9, "step \(step)")
      let gradients = got.gradients(of: group.batch).flattened.map(Float.init)
      let error = relativeError(gradients, expected.gradients.flattened.map { $0 / 4 })
      #expect(error < 5e-6, "step \(step): gradient off by \(error)")
      #expect(
        largestDifference(
          got.massByAge.map(Float.init), massByAge(expected.mass, banked, test.capacity)) < 1e-5,
        "step \(step)")
      banked.append(group.examples)
    }
  }

  /// Sums the reference's mass of each example group by group, the newest first.
  func massByAge(
    _ mass: [Double], _ groups: [[ContrastiveReference.Example]], _ capacity: Int
  ) -> [Float] {
    var (left, sums) = (mass, [Float]())
    for group in groups.reversed() where !left.isEmpty {
      sums.append(Float(left.suffix(group.count).reduce(0, +)))
      left = left.dropLast(group.count)
    }
    return sums
  }
}
