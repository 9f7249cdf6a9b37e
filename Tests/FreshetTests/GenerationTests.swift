import Foundation
import Store
import TestSupport
import Testing

@testable import Freshet

@Suite struct GenerationTests {
  let world: World
  init() throws { world = try World() }

  @Test func addEncodeSearchEqualsAPlainLoop() throws {
    let collection = try world.create()
    let passages = toyPassages(60)
    let added = try collection.add(passages)
    #expect(added == AddSummary(added: 60, changed: 0, unchanged: 0, passages: 60))
    let summary = try collection.encode(with: world.a)
    #expect(summary.generation == 0)
    #expect((summary.passages, summary.encoded, summary.corrected) == (60, 60, 0))
    #expect(summary.newlyEncoded == 60)
    #expect(summary.tokens == 60 * 7)  // five words, [CLS], [SEP]
    let embeddings = world.a.encode(passages.map(\.text), as: .passage).embeddings
    for query in toyTexts(8, seed: 9) {
      let vector = world.a.encode([query], as: .query).embeddings.row(0)
      let expected = ranked(vector, embeddings).prefix(10)
      let result = try collection.search(query, k: 10)
      #expect(result.query == query)
      #expect(result.generation == 0)
      #expect(result.encoder == world.a.fingerprint)
      #expect(result.hits.map(\.id) == expected.map { "p\($0.row)" })
      #expect(result.hits.map(\.text) == expected.map { passages[$0.row].text })
      #expect(largestDifference(result.hits.map(\.score), expected.map(\.score)) < 1e-5)
      #expect(result.hits.allSatisfy { $0.provenance == "encoded" && $0.predictedError == nil })
    }
  }

  @Test(arguments: [1, 7, 60, 61, 1000]) func searchGivesKOrAllThereAre(k: Int) throws {
    let result = try world.encoded().search("river stone", k: k)
    #expect(result.hits.count == min(k, 60))
    #expect(Set(result.hits.map(\.id)).count == min(k, 60))
  }

  @Test func titlesStandBeforeTheTextThatIsEmbedded() throws {
    let collection = try world.create()
    try collection.add([
      Passage(id: "with", title: "river stone", text: "cloud lamp"),
      Passage(id: "without", text: "river stone cloud lamp"),
    ])
    try collection.encode(with: world.a)
    let hits = try collection.search("river stone cloud lamp", k: 2).hits
    #expect(abs(hits[0].score - hits[1].score) < 1e-6)
    #expect(abs(hits[0].score - 1) < 1e-5)
    #expect(Set(hits.map(\.title)) == ["river stone", ""])
  }

  @Test func encodingAgainDoesNothing() throws {
    let collection = try world.encoded()
    let before = try world.visible()
    let version = try collection.store.dataVersion()
    let again = try collection.encode(with: world.a)
    #expect(again.generation == 0)
    #expect((again.newlyEncoded, again.tokens) == (0, 0))
    #expect(try world.visible() == before)
    #expect(try collection.store.dataVersion() == version)
  }

  @Test func aChangedTextWaitsForItsOwnEmbeddingOnly() throws {
    let collection = try world.encoded()
    let old = toyPassages(60)[3].text
    let new = "pepper pepper pepper island island"
    let summary = try collection.add([
      Passage(id: "p3", text: new), Passage(id: "p4", text: toyPassages(60)[4].text),
    ])
    #expect(summary == AddSummary(added: 0, changed: 1, unchanged: 1, passages: 60))
    #expect(try collection.status().pending == 1)
    for text in [old, new] {
      let hits = try collection.search(text, k: 60).hits
      #expect(hits.count == 59)
      #expect(!hits.contains { $0.id == "p3" })
    }
    let encoded = try collection.encode(with: world.a)
    #expect(encoded.generation == 1)
    #expect(encoded.newlyEncoded == 1)
    #expect(try collection.status().pending == 0)
    let hit = try collection.search(new, k: 1).hits[0]
    #expect((hit.id, hit.text) == ("p3", new))
    #expect(abs(hit.score - 1) < 1e-5)
    let (before, after) = (try world.bytes("vectors/0.f32"), try world.bytes("vectors/1.f32"))
    let row = world.a.dimension * 4
    #expect(before.count == 60 * row)
    for i in 0..<60 {
      let range = i * row..<(i + 1) * row
      #expect((before[range] == after[range]) == (i != 3), "row \(i)")
    }
  }

  @Test func deletedPassagesAreNotFoundAndMayComeBack() throws {
    let collection = try world.encoded()
    let text = toyPassages(60)[5].text
    #expect(try collection.search(text, k: 1).hits[0].id == "p5")
    #expect(try collection.delete(ids: ["p5", "unknown"]) == 1)
    #expect(try collection.passageCount == 59)
    let hits = try collection.search(text, k: 60).hits
    #expect(hits.count == 59)
    #expect(!hits.contains { $0.id == "p5" })
    #expect(try collection.status().pending == 0)
    #expect(try collection.add([Passage(id: "p5", text: text)]).added == 1)
    #expect(try collection.status().pending == 1)
    try collection.encode(with: world.a)
    #expect(try collection.search(text, k: 1).hits[0].id == "p5")
    #expect(try collection.search(text, k: 99).hits.count == 60)
  }

  @Test func anotherEncoderEncodesEverything() throws {
    let collection = try world.encoded()
    let summary = try collection.encode(with: world.b)
    #expect((summary.generation, summary.newlyEncoded, summary.encoded) == (1, 60, 60))
    #expect(summary.encoder == world.b.fingerprint)
    let status = try collection.status()
    #expect(status.active == 1)
    #expect(status.generations.map(\.encoder) == [world.a.fingerprint, world.b.fingerprint])
    #expect(Set(status.encoders.map(\.fingerprint)) == [world.a.fingerprint, world.b.fingerprint])
  }

  @Test func aReaderSeesTheSwapOnItsNextSearch() throws {
    let writer = try world.encoded()
    let reader = try world.reader()
    let query = toyTexts(1, seed: 8)[0]
    #expect(try reader.search(query).encoder == world.a.fingerprint)
    try writer.encode(with: world.b)
    let after = try reader.search(query)
    #expect((after.generation, after.encoder) == (1, world.b.fingerprint))
    #expect(try reader.search(query) == writer.search(query))
    try writer.rollback()
    #expect(try reader.search(query).generation == 0)
    try writer.delete(ids: [after.hits[0].id])
    #expect(try !reader.search(query, k: 60).hits.contains { $0.id == after.hits[0].id })
    #expect(try reader.status().passages == 59)
  }

  @Test func vectorsOfAnotherEncoderAreRefusedThoughTheDimensionFits() throws {
    let collection = try world.encoded()
    let query = toyTexts(1, seed: 8)[0]
    #expect(world.a.dimension == world.b.dimension)
    let foreign = world.b.encode([query], as: .query).embeddings
    freshetError(
      .wrongEncoder, String(world.a.fingerprint.prefix(12)), String(world.b.fingerprint.prefix(12))
    ) {
      _ = try collection.search(vectors: foreign, encodedBy: world.b.fingerprint)
    }
    let own = world.a.encode([query], as: .query).embeddings
    let hits = try collection.search(vectors: own, encodedBy: world.a.fingerprint)[0].hits
    #expect(try hits == collection.search(query).hits)
  }

  @Test func vectorsOfAnotherWidthAreRefused() throws {
    let collection = try world.encoded()
    #expect(throws: (any Error).self) {
      try collection.search(
        vectors: Matrix(rows: 1, columns: 23), encodedBy: world.a.fingerprint)
    }
  }

  @Test func emptinessIsSaid() throws {
    let collection = try world.create()
    freshetError(.empty, world.url.path, "freshet add") {
      try collection.encode(with: world.a)
    }
    freshetError(.empty, world.url.path, "freshet encode") { _ = try collection.search("river") }
    let nothing = try world.folder.write("\n \n", to: "nothing.jsonl")
    freshetError(.empty, nothing) { try collection.add(contentsOf: nothing) }
    freshetError(.empty, "freshet encode") {
      try collection.refresh(to: world.b)
    }
    try collection.add(toyPassages(19))
    try collection.encode(with: world.a)
    freshetError(.empty, "19", "at least 20") {
      try collection.refresh(to: world.b)
    }
    #expect(try collection.status().active == 0)
  }

  @Test func aSecondWriterIsRefusedWhileReadersAreNot() throws {
    let writer = try world.encoded()
    let error = #expect(throws: StoreError.self) { _ = try world.writer() }
    #expect(error?.code == .locked)
    #expect(error?.message.contains(world.url.path) == true)
    #expect(try world.reader().search("river").hits.count == 10)
    #expect(throws: StoreError.self) { try world.reader().add(toyPassages(1)) }
    withExtendedLifetime(writer) {}
  }

  @Test(arguments: ["Flat", "HNSW16", "IVF4,Flat"]) func recipesAreFollowed(recipe: String) throws {
    let collection = try world.create()
    try collection.add(toyPassages(200))
    try collection.encode(with: world.a, index: recipe)
    let manifest = String(decoding: try world.bytes("index/0.json"), as: UTF8.self)
    #expect(manifest.contains("\"\(recipe)\""), "\(manifest)")
    let text = toyPassages(200)[7].text
    #expect(try collection.search(text, options: .init(probes: 4)).hits[0].id == "p7")
  }

  @Test func theIndexKeepsItsKindUnlessAnotherIsAsked() throws {
    let collection = try world.create()
    try collection.add(toyPassages(200))
    try collection.encode(with: world.a, index: "HNSW16")
    func kind(_ generation: Int) throws -> Bool {
      String(decoding: try world.bytes("index/\(generation).json"), as: UTF8.self)
        .contains("\"HNSW16\"")
    }
    try collection.add([Passage(id: "new", text: "market candle")])
    try collection.encode(with: world.a)
    #expect(try kind(1))
    try collection.refresh(to: world.b, options: quickRefresh)
    #expect(try kind(2))
    try collection.add([Passage(id: "newer", text: "market lamp")])
    try collection.encode(with: world.b, index: "Flat")
    #expect(try !kind(3))
  }

  @Test func aPlainFolderIsKeptWithItsPooling() throws {
    let plain = try TextEncoder(
      folder: fixtures.appending(path: "folders/plain"), pooling: .mean, normalizes: true)
    let collection = try world.create()
    try collection.add([
      Passage(id: "a", text: "fresh water"), Passage(id: "b", text: "old stream"),
    ])
    try collection.encode(with: plain)
    let hits = try world.reader().search("fresh water", k: 2).hits
    #expect(hits.map(\.id) == ["a", "b"])
    #expect(abs(hits[0].score - 1) < 1e-5)
    #expect(try world.reader().verify().filter { !$0.ok } == [])
  }

  @Test func aRecipeThatIsNoneLeavesNothing() throws {
    let collection = try world.create()
    try collection.add(toyPassages(30))
    #expect(throws: (any Error).self) { try collection.encode(with: world.a, index: "Cuckoo7") }
    #expect(try collection.status().active == nil)
    #expect(try collection.encode(with: world.a).newlyEncoded == 30)
  }
}
