import Foundation
import Store
import TestSupport
import Testing

@testable import Freshet

@Suite struct RefreshTests {
  let world: World
  init() throws { world = try World() }

  /// Mean cosine of the rows of two lists of unit vectors.
  private func meanCosine(_ a: Matrix, _ b: Matrix) -> Float {
    rowDots(a, b).reduce(0, +) / Float(a.rows)
  }

  private func vectors(_ generation: Int, rows: Int = 120) throws -> Matrix {
    try Matrix(
      mapping: world.file("vectors/\(generation).f32").path, rows: rows,
      columns: world.a.dimension)
  }

  @Test func aRefreshMovesEveryEmbeddingToTheNewEncoder() throws {
    let collection = try world.encoded(120)
    let summary = try collection.refresh(to: world.b, options: quickRefresh)
    #expect(summary.generation.generation == 1)
    #expect(summary.generation.encoder == world.b.fingerprint)
    #expect((summary.generation.encoded, summary.generation.corrected) == (0, 120))
    #expect(summary.plan.sample == 120)
    #expect(summary.plan.source == 0)
    #expect(!summary.plan.correctsCorrected)
    #expect(summary.plan.chosen == "correct", "the toy encoders differ enough")
    #expect(summary.plan.ways.map(\.way) == ["keep", "correct", "re-encode"])
    let truth = world.b.encode(toyTexts(120), as: .passage).embeddings
    let (kept, corrected) = (meanCosine(try vectors(0), truth), meanCosine(try vectors(1), truth))
    #expect(corrected > kept + 0.02, "\(kept) before, \(corrected) after")
    #expect(corrected < 0.99999, "corrected, not encoded")
    let query = toyTexts(1, seed: 8)[0]
    let result = try collection.search(query)
    #expect((result.generation, result.encoder) == (1, world.b.fingerprint))
    #expect(result.hits.count == 10)
    for hit in result.hits {
      #expect(hit.provenance == "corrected")
      #expect(try #require(hit.predictedError).isFinite)
    }
    let vector = world.b.encode([query], as: .query).embeddings
    let expected = ranked(vector.row(0), try vectors(1)).prefix(10)
    #expect(result.hits.map(\.id) == expected.map { "p\($0.row)" })
    let record = try #require(try collection.store.generation(1))
    #expect(record.parent == 0)
    let corrector = try #require(try collection.store.corrector(id: record.corrector ?? ""))
    #expect(corrector.kind == summary.plan.corrector.rawValue)
    #expect(corrector.fromEncoder == world.a.fingerprint)
    #expect(corrector.toEncoder == world.b.fingerprint)
    #expect(
      FileManager.default.fileExists(
        atPath: world.file("correctors/\(corrector.id).safetensors").path))
  }

  @Test func rollbackRestoresTheFormerGenerationExactly() throws {
    let collection = try world.encoded(120)
    let queries = toyTexts(12, seed: 8)
    func answers(_ collection: PassageCollection) throws -> Data {
      try JSONEncoder.sorted.encode(collection.search(queries, k: 20))
    }
    let before = try answers(collection)
    let files = try ["vectors/0.f32", "index/0.faiss", "index/0.json"].map(world.bytes)
    try collection.refresh(to: world.b, options: quickRefresh)
    #expect(try answers(collection) != before)
    let summary = try collection.rollback()
    #expect(summary.generation == 0)
    #expect(try answers(collection) == before)
    #expect(try answers(world.reader()) == before)
    #expect(try ["vectors/0.f32", "index/0.faiss", "index/0.json"].map(world.bytes) == files)
    let error = #expect(throws: StoreError.self) { try collection.rollback() }
    #expect(error?.code == .unknownGeneration)
    #expect(try answers(collection) == before)
  }

  @Test func theSameSeedCorrectsToTheSameBytes() throws {
    let collection = try world.encoded(120)
    for _ in 0..<2 {
      try collection.refresh(to: world.b, options: quickRefresh)
      try collection.rollback()
    }
    #expect(try world.bytes("vectors/1.f32") == world.bytes("vectors/2.f32"))
  }

  @Test func theSameEncoderIsRefused() throws {
    let collection = try world.encoded()
    let before = try world.visible()
    freshetError(.refused, String(world.a.fingerprint.prefix(12)), "nothing to refresh") {
      try collection.refresh(to: world.a, options: quickRefresh)
    }
    freshetError(.refused) { _ = try collection.planRefresh(to: world.a, options: quickRefresh) }
    #expect(try world.visible() == before)
  }

  @Test func tooLittleRecoveryIsRefusedAndChangesNothing() throws {
    let collection = try world.encoded(120)
    let before = try world.visible()
    let version = try collection.store.dataVersion()
    var options = quickRefresh
    options.minimumRecovery = 1
    freshetError(.refused, "recovery", "nothing was changed") {
      try collection.refresh(to: world.b, options: options)
    }
    #expect(try world.visible() == before)
    #expect(try collection.store.dataVersion() == version)
    #expect(try collection.store.generations().count == 1)
    options.minimumRecovery = 0
    #expect(try collection.refresh(to: world.b, options: options).generation.generation == 1)
  }

  @Test func aPlanChangesNothing() throws {
    let collection = try world.encoded(120)
    let before = try world.visible()
    let plan = try collection.planRefresh(to: world.b, options: quickRefresh)
    #expect(try world.visible() == before)
    #expect(plan.ways.map(\.encodes) == [0, 0, 0], "all 120 were sampled")
    for way in plan.ways {
      #expect(way.seconds >= 0)
      for (metric, values) in way.quality {
        #expect(values.count == 3, "\(metric)")
        #expect(values == values.sorted(), "\(metric): low, estimate, high")
      }
    }
    #expect(plan.candidates.count(where: \.isChosen) == 1)
    var small = quickRefresh
    small.sample = .count(40)
    let cheaper = try collection.planRefresh(to: world.b, options: small)
    #expect(cheaper.sample == 40)
    #expect(cheaper.ways.last?.encodes == 80)
    // What the plan encoded is not encoded again, and gives the same refresh.
    let summary = try collection.refresh(to: world.b, options: quickRefresh)
    #expect(summary.plan.recovery == plan.recovery)
  }

  @Test func judgedQueriesAreMeasuredBeforeItIsLive() throws {
    let collection = try world.encoded(120)
    let toy = try ToyRetrieval(in: world.folder, passages: 120)
    var options = quickRefresh
    options.judged = try toy.judged()
    let plan = try collection.planRefresh(to: world.b, options: options)
    let correct = try #require(plan.ways.first { $0.way == plan.chosen })
    let predicted = try #require(correct.quality["ndcg@10"])
    #expect(predicted.count == 3)
    try collection.refresh(to: world.b, options: options)
    let measured = try collection.evaluate(try toy.judged(), options: .init(exact: true))
    #expect(abs(predicted[1] - (measured.report.metrics[.ndcg(10)] ?? -1)) < 1e-9)
  }

  @Test func changedAndNewPassagesAreEncodedByTheNewEncoder() throws {
    let collection = try world.encoded(120)
    try collection.add([
      Passage(id: "p3", text: "island island pepper"), Passage(id: "new", text: "market candle"),
    ])
    try collection.delete(ids: ["p9"])
    let summary = try collection.refresh(to: world.b, options: quickRefresh)
    #expect((summary.generation.encoded, summary.generation.corrected) == (2, 118))
    #expect(try collection.status().pending == 0)
    let hit = try collection.search("market candle", k: 1).hits[0]
    #expect((hit.id, hit.provenance, hit.predictedError) == ("new", "encoded", nil))
    #expect(abs(hit.score - 1) < 1e-5)
    let all = try collection.search("river", k: 200).hits
    #expect(all.count == 120)
    #expect(Set(all.filter { $0.provenance == "encoded" }.map(\.id)) == ["p3", "new"])
    #expect(!all.contains { $0.id == "p9" })
  }

  @Test func aSecondRefreshCorrectsTrueEmbeddingsNotCorrectedOnes() throws {
    let collection = try world.encoded(120)
    try collection.refresh(to: world.b, options: quickRefresh)
    let c = try world.a.disturbed(seed: 2, savingTo: world.folder.url.appending(path: "c"))
    let summary = try collection.refresh(to: c, options: quickRefresh)
    #expect(summary.plan.source == 0)
    #expect(!summary.plan.correctsCorrected)
    #expect(summary.generation.generation == 2)
    let record = try #require(try collection.store.generation(2))
    #expect(record.parent == 0)
    #expect(
      try collection.store.corrector(id: record.corrector ?? "")?.fromEncoder == world.a.fingerprint
    )
    #expect(try collection.rollback().generation == 1, "rollback goes to what was active before")
    #expect(try collection.rollback().generation == 0)
  }

  @Test func encodingAfterARefreshKeepsCorrectedEmbeddings() throws {
    let collection = try world.encoded(120)
    try collection.refresh(to: world.b, options: quickRefresh)
    try collection.add([Passage(id: "new", text: "market candle")])
    let summary = try collection.encode(with: world.b)
    #expect((summary.generation, summary.newlyEncoded) == (2, 1))
    #expect((summary.encoded, summary.corrected) == (1, 120))
    #expect(try world.bytes("vectors/2.f32").prefix(120 * 24 * 4) == world.bytes("vectors/1.f32"))
    let hits = try collection.search("river", k: 121).hits
    #expect(hits.count(where: { $0.predictedError != nil }) == 120)
  }
}

@Suite struct SampleSizeTests {
  @Test(arguments: [
    ("5%", SampleSize.share(0.05)), ("100%", .share(1)), ("0.25", .share(0.25)), ("1", .count(1)),
    ("800", .count(800)), ("1.0", .share(1)),
  ])
  func parses(text: String, size: SampleSize) throws {
    let parsed = try SampleSize(parsing: text)
    guard case (.share(let a), .share(let b)) = (parsed, size) else {
      #expect(parsed == size)
      return
    }
    #expect(abs(a - b) < 1e-15)
  }

  @Test(arguments: ["", "0", "0%", "-3", "101%", "1.5", "many", "nan", "5 %x"])
  func refuses(text: String) {
    freshetError(.badInput, "\"\(text)\"") { _ = try SampleSize(parsing: text) }
  }

  @Test(arguments: [
    (SampleSize.automatic, 10, 10), (.automatic, 600, 600), (.automatic, 11_999, 600),
    (.automatic, 20_000, 1000), (.share(0.05), 10, 1), (.share(0.05), 600, 30), (.share(1), 7, 7),
    (.count(50), 10, 10), (.count(5), 10, 5),
  ])
  func countsPassages(size: SampleSize, passages: Int, expected: Int) {
    #expect(size.count(of: passages) == expected)
  }
}
