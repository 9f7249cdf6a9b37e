import Tensors
import Testing

@testable import Training

@Suite("Batches")
struct BatchTests {
  static func composer(
    _ positives: [Int], size: Int, seed: UInt64, shortBatch: ShortBatch = .dropped
  ) throws -> BatchComposer {
    try BatchComposer(
      positives: PairList(pairs(positives)).positives, batchSize: size, shortBatch: shortBatch,
      seed: seed)
  }

  /// Pairs with the given positives.
  static func pairs(_ positives: [Int]) -> [TrainingPair] {
    positives.enumerated().map {
      TrainingPair(queryID: "q\($0)", query: "", positiveID: "p\($1)")
    }
  }

  static let cases: [(positives: [Int], size: Int)] = [
    (Array(0..<1), 1), (Array(0..<7), 7), (Array(0..<101), 8), ((0..<97).map { $0 / 4 }, 5),
    ((0..<60).map { $0 % 6 }, 6), (Array(repeating: 0, count: 50) + Array(1..<9), 4),
  ]

  @Test("every pair at most once, positives all different, only whole batches", arguments: cases)
  func properties(positives: [Int], size: Int) throws {
    let composer = try Self.composer(positives, size: size, seed: 3)
    for epoch in 0..<4 {
      let (batches, leftOut) = composer.batches(ofEpoch: epoch)
      #expect(!batches.isEmpty)
      #expect(batches.allSatisfy { $0.count == size })
      #expect(batches.allSatisfy { Set($0.map { positives[$0] }).count == size })
      let used = batches.flatMap { $0 }
      #expect(Set(used).count == used.count)
      #expect(used.count + leftOut == positives.count)
    }
  }

  @Test("with all positives different, only the remainder is left out")
  func remainder() throws {
    let composer = try Self.composer(Array(0..<101), size: 8, seed: 1)
    #expect(composer.batches(ofEpoch: 0).leftOut == 101 % 8)
  }

  @Test("scaled short batches leave nothing out", arguments: cases)
  func shortBatches(positives: [Int], size: Int) throws {
    let composer = try Self.composer(positives, size: size, seed: 3, shortBatch: .scaled)
    let (batches, leftOut) = composer.batches(ofEpoch: 1)
    #expect(leftOut == 0 && batches[0].count == size)
    #expect(batches.flatMap { $0 }.sorted() == Array(positives.indices))
    #expect(batches.allSatisfy { Set($0.map { positives[$0] }).count == $0.count })
  }

  @Test("a pair that had to wait goes into the first batch that takes it")
  func fairness() throws {
    let positives = (0..<200).map { $0 / 2 }
    let composer = try Self.composer(positives, size: 10, seed: 2)
    let (batches, leftOut) = composer.batches(ofEpoch: 0)
    #expect(leftOut < 10)
    // The shuffled order, of which a batch may skip only pairs whose positive it already has.
    var order = Array(positives.indices)
    var random = RandomUse.shuffle(seed: 2, epoch: 0)
    random.draw(order.count, of: &order)
    for batch in batches {
      let last = order.lastIndex { batch.contains($0) } ?? 0
      let skipped = order[...last].filter { !batch.contains($0) }
      let taken = Set(batch.map { positives[$0] })
      #expect(skipped.allSatisfy { taken.contains(positives[$0]) })
      order.removeAll { batch.contains($0) }
    }
  }

  @Test("a function of seed and epoch")
  func pure() throws {
    func batches(_ seed: UInt64, _ epoch: Int) throws -> [[Int]] {
      try Self.composer(Array(0..<40), size: 4, seed: seed)
        .batches(ofEpoch: epoch).batches
    }
    #expect(try batches(1, 2) == batches(1, 2))
    #expect(try batches(1, 2) != batches(1, 3))
    #expect(try batches(1, 2) != batches(2, 2))
    #expect(try batches(1, 0).flatMap { $0 } != Array(0..<40))
  }

  @Test("too few positives for a batch are refused with both numbers")
  func tooFew() throws {
    let error = try trainingError(.invalidData) {
      _ = try Self.composer([0, 0, 1, 1, 1], size: 3, seed: 1)
    }
    #expect(error.message.contains("batch of 3") && error.message.contains("5 pairs have 2"))
    try trainingError(.invalidData) { _ = try Self.composer([], size: 1, seed: 1) }
  }

  @Test("a drawn negative is never a known positive, and never drawn twice")
  func negatives() {
    let pair = TrainingPair(
      queryID: "q", query: "", positiveID: "a", otherPositiveIDs: ["b"],
      negativeIDs: ["a", "c", "b", "d", "c", "e"])
    for step in 0..<50 {
      let drawn = GivenNegatives(perQuery: 2, seed: 1).draw(for: pair, index: 0, step: step)
      #expect(drawn.count == 2 && Set(drawn).count == 2)
      #expect(Set(drawn).isSubset(of: ["c", "d", "e"]))
    }
    let all = GivenNegatives(perQuery: 9, seed: 1).draw(for: pair, index: 0, step: 0)
    #expect(Set(all) == ["c", "d", "e"] && all.count == 3)
    #expect(GivenNegatives(perQuery: 0, seed: 1).draw(for: pair, index: 0, step: 0).isEmpty)
  }

  @Test("draws depend on seed, step and pair, and are even")
  func drawsAreEven() {
    let pair = TrainingPair(
      queryID: "q", query: "", positiveID: "p", negativeIDs: (0..<5).map { "n\($0)" })
    func draw(_ seed: UInt64, _ index: Int, _ step: Int) -> String {
      GivenNegatives(perQuery: 1, seed: seed).draw(for: pair, index: index, step: step)[0]
    }
    var counts: [String: Int] = [:]
    for step in 0..<50 { for index in 0..<50 { counts[draw(1, index, step), default: 0] += 1 } }
    #expect(counts.count == 5)
    // 500 ± 100 is five standard deviations.
    #expect(counts.values.allSatisfy { (400...600).contains($0) }, "\(counts)")
    let steps = (0..<40).map { draw(1, 0, $0) }
    #expect(Set(steps).count == 5)
    #expect(steps == (0..<40).map { draw(1, 0, $0) })
    #expect(steps != (0..<40).map { draw(2, 0, $0) })
    #expect(steps != (0..<40).map { draw(1, 1, $0) })
  }

  @Test("one column per passage; known positives of a row are masked in it")
  func columns() {
    var pairs = Self.pairs([0, 1, 2])
    pairs[0].otherPositiveIDs = ["p2", "n1", "p0", "elsewhere"]
    let batch = TrainingBatch(
      [pairs[2], pairs[0], pairs[1]], negatives: [["p0"], ["n0"], ["n1", "n0"]])
    // Row 0 is pair 2: its negative p0 is a positive of the batch already.
    #expect(batch.columns == ["p2", "p0", "p1", "n0", "n1"])
    #expect(batch.excluded == [[], [0, 4], []])
    #expect(batch.owners == [1, 2])
    #expect(batch.positives[1] == ["p0", "p2", "n1", "p0", "elsewhere"])
  }
}
