import Foundation
import TestSupport
import Testing

@testable import Freshet

/// Which passages a sample takes.
@Suite struct SampleOrderTests {
  /// Strata of these sizes over consecutive rows.
  private func strata(_ sizes: [Int]) -> [[Int]] {
    var start = 0
    return sizes.map { size in
      start += size
      return Array(start - size..<start)
    }
  }

  private func counts(_ sample: [Int], _ strata: [[Int]]) -> [Int] {
    strata.map { stratum in sample.count { stratum.contains($0) } }
  }

  private func orders(_ seed: UInt64) -> [SampleOrder] {
    [
      SampleOrder(simple: Array(0..<200), seed: seed),
      SampleOrder(strata: strata([1, 150, 49]), seed: seed),
    ]
  }

  @Test func theSameSeedGivesTheSameSample() {
    for seed in [1, 2, 99] as [UInt64] {
      #expect(orders(seed) == orders(seed))
      for (order, other) in zip(orders(seed), orders(seed + 1)) {
        #expect(order.sample(50) != other.sample(50))
      }
    }
  }

  @Test func everySampleHoldsTheSmallerOnes() {
    for order in orders(5) {
      #expect(order.rows.sorted() == Array(0..<200), "each row once")
      for (small, large) in [(0, 1), (1, 7), (40, 80), (80, 200)] {
        #expect(Set(order.sample(small)).isSubset(of: order.sample(large)))
        #expect(order.sample(large).count == large)
        #expect(order.sample(large) == order.sample(large).sorted())
      }
    }
    #expect(SampleOrder(strata: [], seed: 1).rows.isEmpty)
    #expect(SampleOrder(simple: [4], seed: 1).rows == [4])
  }

  @Test(arguments: [
    ([600, 300, 100], 20, [12, 6, 2]), ([600, 300, 100], 50, [30, 15, 5]),
    ([600, 300, 100], 500, [300, 150, 50]), ([70, 70, 70], 21, [7, 7, 7]),
    ([40, 0, 10], 25, [20, 0, 5]), ([7], 3, [3]),
  ])
  func strataGiveTheirProportion(sizes: [Int], count: Int, expected: [Int]) {
    let strata = strata(sizes)
    let order = SampleOrder(strata: strata, seed: 3)
    #expect(counts(order.sample(count), strata) == expected)
  }

  @Test func proportionsAreKeptWithinARowWhereTheyAreNotWhole() {
    let sizes = [611, 257, 83, 49], strata = strata([611, 257, 83, 49])
    let order = SampleOrder(strata: strata, seed: 3)
    for count in stride(from: 50, through: 1000, by: 37) {
      for (got, size) in zip(counts(order.sample(count), strata), sizes) {
        #expect(abs(Double(got) - Double(size * count) / 1000) <= 1, "\(count)")
      }
    }
  }

  @Test func everyStratumIsRepresented() {
    let strata = strata([1, 2, 900, 3, 1, 93])
    let order = SampleOrder(strata: strata, seed: 8)
    let smallest = 1 + 2 + 2 + 2 + 1 + 2
    #expect(counts(order.sample(smallest), strata) == [1, 2, 2, 2, 1, 2])
    for count in [smallest + 1, 30, 100] {
      #expect(zip(counts(order.sample(count), strata), strata).allSatisfy {
        $0 >= min(2, $1.count)
      })
    }
  }
}

/// Groups of vectors, and what strata are good for.
@Suite struct VectorClustersTests {
  /// Vectors about as many directions, all orthogonal, in these numbers; rows are shuffled.
  private func clustered(_ sizes: [Int], seed: UInt64 = 4) -> (vectors: Matrix, owners: [Int]) {
    var random = RandomStream(seed: seed)
    let owners = sizes.enumerated().flatMap { Array(repeating: $0, count: $1) }
      .shuffled(using: &random)
    var vectors = Matrix.normal(owners.count, 16, seed: seed, scale: 0.05)
    for (row, owner) in owners.enumerated() { vectors[row, owner] += Float(1 + row % 3) }
    return (vectors, owners)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func madeClustersAreFound(seed: UInt64) {
    let sizes = [300, 120, 60, 20]
    let (vectors, owners) = clustered(sizes)
    let rows = Array(vectors.rows / 10..<vectors.rows)
    let clusters = VectorClusters(vectors, rows: rows, count: 4, seed: seed)
    let members = clusters.members(vectors, rows: rows)
    #expect(members.flatMap { $0 }.sorted() == rows, "each row once")
    for cluster in members {
      #expect(Set(cluster.map { owners[$0] }).count == 1, "one direction only")
      #expect(cluster == cluster.sorted())
    }
    let again = VectorClusters(vectors, rows: rows, count: 4, seed: seed)
    #expect(again.centres == clusters.centres)
  }

  @Test func equalAndZeroVectorsAreNoMatter() {
    let same = Matrix(rows: 9, columns: 3, elements: [Float](repeating: 1, count: 27))
    let rows = Array(0..<9)
    for vectors in [same, Matrix(rows: 9, columns: 3)] {
      let clusters = VectorClusters(vectors, rows: rows, count: 3, seed: 1)
      #expect(clusters.members(vectors, rows: rows).flatMap { $0 }.sorted() == rows)
    }
  }

  @Test(arguments: [
    (20, 20, 1), (300, 100, 4), (6000, 600, 19), (1_000_000, 5000, 64), (6000, 8, 2), (20, 1, 1),
  ])
  func thereAreAsManyAsASampleCanServe(rows: Int, sample: Int, expected: Int) {
    #expect(VectorClusters.count(rows: rows, sample: sample) == expected)
  }

  /// Where a figure depends on the cluster, its mean over a stratified sample varies less.
  @Test func estimatesOfStratifiedSamplesVaryLess() {
    let (vectors, owners) = clustered([300, 120, 60, 20])
    let rows = Array(0..<vectors.rows)
    let clusters = VectorClusters(vectors, rows: rows, count: 4, seed: 1)
    let strata = clusters.members(vectors, rows: rows)
    let figures = owners.enumerated().map { Double($1) / 3 + Double($0 % 7) / 70 }
    let truth = figures.reduce(0, +) / Double(figures.count)
    func meanSquaredError(_ order: (UInt64) -> SampleOrder) -> Double {
      (0..<200).reduce(0) { sum, seed in
        let sample = order(UInt64(seed)).sample(50)
        let mean = sample.reduce(0) { $0 + figures[$1] } / 50
        return sum + (mean - truth) * (mean - truth) / 200
      }
    }
    let simple = meanSquaredError { SampleOrder(simple: rows, seed: $0) }
    let stratified = meanSquaredError { SampleOrder(strata: strata, seed: $0) }
    #expect(stratified < simple / 3, "\(stratified) and \(simple)")
  }
}

/// Samples that grow until a prediction is sure enough.
@Suite struct GrowingSampleTests {
  let world: World
  init() throws { world = try World() }

  private func options(_ sample: Int, _ width: Double? = nil, _ design: SamplingDesign = .simple)
    -> RefreshOptions
  {
    var options = quickRefresh
    options.fit.kinds = [.procrustes, .ridge]
    options.sample = .count(sample)
    options.sampling = design
    options.intervalWidth = width
    return options
  }

  private func width(_ plan: RefreshPlan) throws -> Double {
    let way = try #require(plan.ways.first { $0.way == plan.chosen })
    let found = try #require(way.quality["neighbours@10"])
    return found[2] - found[0]
  }

  /// Texts that were encoded and written down, each as often as it was.
  private func journaled() throws -> Int {
    let folder = world.file("partial")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".journal") }
    let bytes = try Data(contentsOf: folder.appending(path: try #require(names.first))).count
    return bytes / (64 + 4 * world.b.dimension)
  }

  @Test(arguments: SamplingDesign.allCases)
  func itGrowsUntilTheIntervalIsNarrow(design: SamplingDesign) throws {
    let collection = try world.encoded(900)
    let first = try collection.planRefresh(to: world.b, options: options(40, nil, design))
    #expect(try journaled() == 40)
    let third = try collection.planRefresh(to: world.b, options: options(160, nil, design))
    let asked = try (width(first) + width(third)) / 2
    try #require(try width(third) < asked)
    let grown = try collection.planRefresh(to: world.b, options: options(40, asked, design))
    #expect([80, 160].contains(grown.sample), "\(grown.sample)")
    #expect(try width(grown) <= asked)
    if grown.sample == 160 {
      #expect(grown.recovery == third.recovery, "the same sample, however it came about")
    }
    #expect(try journaled() == 160, "what was encoded once is not encoded again")
    #expect(world.notices.isEmpty)
    let wide = try collection.planRefresh(to: world.b, options: options(40, 0.99, design))
    #expect(wide.sample == 40 && wide.recovery == first.recovery)
  }

  @Test func itStopsBelowHalfOfThePassagesAndSaysSo() throws {
    let collection = try world.encoded(600)
    let plan = try collection.planRefresh(to: world.b, options: options(40, 0.001, .stratified))
    #expect(plan.sample == 160, "320 would be half")
    #expect(try journaled() == 160, "texts encoded in all: the final sample")
    #expect(world.notices.count == 1, "\(world.notices)")
    #expect(world.notices.first?.contains("going on with 160") == true)
  }

  @Test func aBudgetLeavesRoomForCorrectedOnes() throws {
    let collection = try world.encoded(300)
    var options = options(40, 0.001)
    options.budget = .count(225)
    #expect(try collection.planRefresh(to: world.b, options: options).sample == 40)
    #expect(world.notices.count == 1)
  }

  @Test func stoppedWhileGrowingItGoesOn() throws {
    let collection = try world.encoded(600)
    let options = options(40, 0.001)
    freshetError(.interrupted, "they are kept") {
      _ = try collection.planRefresh(
        to: world.b, options: options, shouldStop: Stop(after: 2).check)
    }
    #expect(try journaled() == 80)
    let summary = try collection.refresh(to: world.b, options: options)
    #expect(summary.plan.sample == 160)
    #expect(try journaled() == 160)
    #expect(summary.generation.corrected == 600)
  }

  @Test(arguments: [0, 1, -0.1, .nan] as [Double]) func aWidthIsAShare(width: Double) throws {
    let collection = try world.encoded(60)
    freshetError(.badInput, "between 0 and 1") {
      _ = try collection.planRefresh(to: world.b, options: options(40, width))
    }
  }
}
