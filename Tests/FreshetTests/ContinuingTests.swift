import Foundation
import GRDB
import Store
import TestSupport
import Testing

@testable import Freshet

/// Refreshes that spend a budget, and that go on until every embedding is the encoder's own.
@Suite struct ContinuingTests {
  let world: World
  init() throws { world = try World() }

  private func options(_ sample: Int, budget: SampleSize?) -> RefreshOptions {
    var options = quickRefresh
    options.sample = .count(sample)
    options.budget = budget
    return options
  }

  private func vectors(_ generation: Int, rows: Int) throws -> Matrix {
    try Matrix(
      mapping: world.file("vectors/\(generation).f32").path, rows: rows,
      columns: world.a.dimension)
  }

  private func records(_ collection: PassageCollection, _ generation: Int) throws
    -> [EmbeddingRecord]
  {
    try collection.store.embeddings(generation: generation)
  }

  @Test func aPlanPricesTheHybridWay() throws {
    let collection = try world.encoded(300)
    let plan = try collection.planRefresh(to: world.b, options: options(100, budget: .count(30)))
    #expect(plan.ways.map(\.way) == ["keep", "correct", "hybrid", "re-encode"])
    let hybrid = plan.ways[2]
    #expect(hybrid.encodes == 30 && hybrid.seconds > plan.ways[1].seconds)
    #expect(abs((plan.hybrids.first?.share ?? 0) - 130.0 / 300) < 1e-12)
    #expect(plan.chosen == (plan.mayMix(share: 130.0 / 300) ? "hybrid" : "correct"))
  }

  @Test func aBudgetMakesTheWorstPredictedPassagesExact() throws {
    let collection = try world.encoded(300)
    let summary = try collection.refresh(to: world.b, options: options(100, budget: .count(60)))
    try #require(summary.plan.chosen == "hybrid", "mixing helps with these encoders")
    #expect((summary.generation.encoded, summary.generation.corrected) == (160, 140))
    let truth = world.b.encode(toyTexts(300), as: .passage).embeddings
    let served = try vectors(1, rows: 300)
    let records = try records(collection, 1)
    for record in records {
      let distance = zip(served.row(record.row), truth.row(record.row))
        .reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
      #expect((distance < 1e-5) == (record.provenance == .encoded), "row \(record.row)")
    }
  }

  @Test func goingOnEncodesTheWorstFirstUntilNothingIsCorrected() throws {
    let collection = try world.encoded(300)
    let summary = try collection.refresh(to: world.b, options: options(100, budget: nil))
    #expect(summary.generation.corrected == 300)
    let errors = Dictionary(
      uniqueKeysWithValues: try records(collection, 1).map { ($0.row, $0.predictedError ?? 0) })
    let first = try collection.continueRefresh(budget: .count(40))
    // The sample was encoded before and is not encoded again.
    #expect(first.encoded == 40)
    try #require(first.generation == 2, "mixing helps with these encoders")
    #expect(first.waiting == 0 && first.corrected == 160)
    let exact = try records(collection, 2).filter { $0.provenance == .encoded }
    let left = try records(collection, 2).filter { $0.provenance == .corrected }
    #expect(exact.count == 140)
    let worstLeft = left.map { errors[$0.row] ?? 0 }.max() ?? 0
    #expect(exact.count { (errors[$0.row] ?? 0) >= worstLeft } >= 40)
    let last = try collection.continueRefresh()
    #expect(last.encoded == 160 && last.isFinished && last.waiting == 0)
    let truth = world.b.encode(toyTexts(300), as: .passage).embeddings
    let served = try vectors(last.generation, rows: 300)
    #expect(largestDifference(served.elements, truth.elements) < 1e-5)
    let status = try collection.status()
    let active = try #require(status.generations.first { $0.id == status.active })
    #expect((active.encoded, active.corrected) == (300, 0))
    #expect(try FileManager.default.contentsOfDirectory(
      atPath: world.file("partial").path).allSatisfy { !$0.hasSuffix(".journal") })
    freshetError(.refused, "no corrected embedding") { try collection.continueRefresh() }
  }

  @Test func whatMayNotBeMixedWaitsUntilAllIsEncoded() throws {
    let collection = try world.encoded(300)
    try collection.refresh(to: world.b, options: options(100, budget: nil))
    try judgeMixingHarmful(collection)
    let before = try world.visible()
    let first = try collection.continueRefresh(budget: .count(40))
    #expect((first.encoded, first.waiting, first.corrected) == (40, 140, 300))
    #expect(first.generation == 1 && !first.isFinished)
    #expect(try world.visible() == before, "nothing that a search can see has changed")
    let last = try collection.continueRefresh()
    #expect(last.isFinished && last.encoded == 160 && last.generation == 2)
  }

  /// Rewrites the verdict that stands beside the corrector.
  private func judgeMixingHarmful(_ collection: PassageCollection) throws {
    let id = try #require(try collection.store.generation(1)?.corrector)
    var plan = try JSONDecoder().decode(
      RefreshPlan.self,
      from: Data(try #require(try collection.store.corrector(id: id)).judged.utf8))
    #expect(!plan.hybrids.isEmpty)
    plan.hybrids = []
    let judged = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
    let database = try DatabaseQueue(path: world.file("freshet.sqlite").path)
    try database.write {
      try $0.execute(
        sql: "UPDATE corrector SET judged = ? WHERE id = ?", arguments: [judged, id])
    }
  }

  @Test func stoppedWhileGoingOnItKeepsWhatIsEncoded() throws {
    let collection = try world.encoded(600)
    try collection.refresh(to: world.b, options: options(40, budget: nil))
    let before = try world.visible()
    freshetError(.interrupted) {
      try collection.continueRefresh(shouldStop: Stop(after: 1).check)
    }
    #expect(try world.visible() == before)
    let rest = try collection.continueRefresh()
    #expect(rest.isFinished && rest.encoded == 600 - 40 - 256)
  }

  @Test func changedTextsAreNotOverwrittenByWhatTheyWere() throws {
    let collection = try world.encoded(120)
    try collection.refresh(to: world.b, options: options(60, budget: nil))
    try collection.add([Passage(id: "p7", title: "", text: "quite another text")])
    let result = try collection.continueRefresh()
    #expect(result.isFinished)
    #expect(try collection.status().pending == 1)
    try collection.encode(with: world.b)
    #expect(try collection.status().pending == 0)
    #expect(try collection.search("quite another text").hits.first?.id == "p7")
  }

  @Test func aBudgetForEverythingIsNoRefresh() throws {
    let collection = try world.encoded(120)
    freshetError(.badInput, "120 passages", "freshet encode") {
      try collection.refresh(to: world.b, options: options(60, budget: .count(60)))
    }
    #expect(try collection.status().active == 0)
  }

  @Test func nothingToGoOnWith() throws {
    freshetError(.empty, "freshet encode") { try world.create().continueRefresh() }
  }

  @Test func theQueryLogDecidesBetweenEqualErrors() throws {
    let collection = try world.encoded(300)
    var options = options(100, budget: .count(20))
    let texts = toyTexts(300)
    options.queryLog = (0..<50).map { Query(id: "q\($0)", text: texts[250]) }
    let summary = try collection.refresh(to: world.b, options: options)
    try #require(summary.plan.chosen == "hybrid")
    let record = try #require(try collection.store.embedding(generation: 1, row: 250))
    #expect(record.provenance == .encoded, "what users find is encoded first")
  }
}
