import Foundation
import Freshet
import TestSupport
import Testing

/// Mining through the collection.
@Suite struct MiningVerbTests {
  let world: World
  let toy: ToyRetrieval
  init() throws {
    world = try World()
    toy = try ToyRetrieval(in: world.folder, passages: 80)
  }

  private func collection() throws -> PassageCollection { try toy.collection(in: world) }

  @Test func minedNegativesHoldNoPositiveNoCopyAndNotTheQuery() throws {
    let collection = try collection()
    // A copy of q0's positive under another id, and a passage that is q1's own text.
    try collection.add([
      Passage(id: "copy", text: toy.passages[0].text),
      Passage(id: "own", text: toy.queries[1].text),
    ])
    try collection.encode(with: world.a)
    #expect(try collection.search(toy.queries[1].text, k: 1).hits[0].id == "own")
    let file = world.folder.url.appending(path: "negatives.jsonl")
    var options = MiningOptions()
    options.rules.rankRange = 0..<82
    options.rules.negativesPerQuery = 82
    let report = try collection.mine(try toy.judged(), options: options, to: file)
    #expect(report.queries == 30)
    let records = try NegativesRecord.read(file)
    #expect(records.map(\.queryID) == toy.queries.map(\.id))
    for record in records {
      let ids = record.negatives.map(\.id)
      #expect(Set(ids).count == ids.count)
      #expect(Set(ids).isDisjoint(with: toy.relevant[record.queryID, default: []]))
      #expect(record.positiveIDs.sorted() == toy.relevant[record.queryID]?.sorted())
      #expect(record.negatives.map(\.rank) == record.negatives.map(\.rank).sorted())
      #expect(record.negatives.allSatisfy { $0.generation == 1 && $0.provenance == "encoded" })
      let removed = record.queryID == "q0" || record.queryID == "q1" ? 1 : 0
      #expect(ids.contains("p0") == (record.queryID != "q0"), "\(record.queryID)")
      #expect(ids.contains("own") == (record.queryID != "q1"), "\(record.queryID)")
      // "copy" and p0 are one text: of equal scores the lower row ranks better and is taken.
      #expect(!ids.contains("copy"))
      let twins = record.queryID == "q0" ? 0 : 1
      #expect(ids.count == 82 - record.positiveIDs.count - removed - twins, "\(record.queryID)")
    }
  }

  @Test func theSameSeedMinesTheSameFile() throws {
    let collection = try collection()
    func mined(_ name: String, seed: UInt64, batch: Int = 2048) throws -> Data {
      var options = MiningOptions()
      options.rules.sampling = .random
      options.rules.seed = seed
      options.batch = batch
      let file = world.folder.url.appending(path: name)
      try collection.mine(try toy.judged(), options: options, to: file)
      return try Data(contentsOf: file)
    }
    let first = try mined("one.jsonl", seed: 4)
    for batch in [1, 7, 30] {
      #expect(try mined("two.jsonl", seed: 4, batch: batch) == first, "in batches of \(batch)")
    }
    #expect(try mined("three.jsonl", seed: 5) != first)
  }

  @Test func tripletsAreTextsOfQueryPositiveAndNegative() throws {
    struct Triplet: Decodable { let anchor, positive, negative: String }
    let file = world.folder.url.appending(path: "triplets.jsonl")
    var options = MiningOptions()
    options.rules.negativesPerQuery = 2
    options.format = .triplets
    try collection().mine(try toy.judged(), options: options, to: file)
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == (30 + 10) * 2, "for each positive and negative")
    #expect(lines.allSatisfy { $0.hasPrefix(#"{"anchor":"#) }, "Python takes columns by order")
    let texts = Dictionary(uniqueKeysWithValues: toy.passages.map { ($0.text, $0.id) })
    let queries = Dictionary(uniqueKeysWithValues: toy.queries.map { ($0.text, $0.id) })
    for line in lines {
      let triplet = try JSONDecoder().decode(Triplet.self, from: Data(line.utf8))
      let relevant = toy.relevant[try #require(queries[triplet.anchor]), default: []]
      #expect(relevant.contains(try #require(texts[triplet.positive])))
      #expect(!relevant.contains(try #require(texts[triplet.negative])))
    }
  }

  @Test func minedFromACorrectedGenerationSaysSo() throws {
    let collection = try collection()
    try collection.refresh(to: world.b, options: quickRefresh)
    let file = world.folder.url.appending(path: "negatives.jsonl")
    try collection.mine(try toy.judged(), to: file)
    let negatives = try NegativesRecord.read(file).flatMap(\.negatives)
    #expect(negatives.count == 150)
    #expect(negatives.allSatisfy { $0.generation == 1 && $0.provenance == "corrected" })
  }
}
