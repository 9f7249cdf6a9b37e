import Foundation
import Store
import TestSupport
import Testing

@testable import Freshet

/// Filters, thresholds, pages and fusion against a plain loop over all passages.
@Suite struct SearchOptionsTests {
  let world: World
  let collection: PassageCollection
  let passages: [Passage]
  let embeddings: Matrix

  init() throws {
    world = try World()
    passages = toyTexts(150).enumerated().map { i, text in
      Passage(
        id: "p\(i)", title: i % 3 == 0 ? "river" : "", text: text,
        metadata: #"{"n": \#(i), "kind": "\#(i % 5 == 0 ? "five" : "other")", "tags": ["t\#(i % 7)"]}"#
      )
    }
    collection = try world.create()
    try collection.add(passages)
    try collection.encode(with: world.a)
    embeddings = world.a.encode(passages.map(\.embeddedText), as: .passage).embeddings
  }

  private let query = "quiet river stone"

  /// All rows of `allowed` by their score, best first.
  private func ranking(_ allowed: (Int) -> Bool) -> [(row: Int, score: Float)] {
    ranked(world.a.encode([query], as: .query).embeddings.row(0), embeddings)
      .filter { allowed($0.row) }
  }

  private func search(_ options: SearchOptions, k: Int = 10) throws -> [SearchHit] {
    try collection.search(query, k: k, options: options).hits
  }

  private func expect(
    _ hits: [SearchHit], are expected: some Collection<(row: Int, score: Float)>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(hits.map(\.id) == expected.map { "p\($0.row)" }, sourceLocation: sourceLocation)
    for (hit, wanted) in zip(hits, expected) {
      #expect(abs(hit.score - wanted.score) < 1e-5, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [
    (#"kind = "five""#, 30), ("n < 4", 4), ("n = 77", 1), (#"tags = "t3""#, 21), ("n < 0", 0),
    (#"not kind = "five""#, 120), ("id exists", 150),
  ], [true, false])
  func kComeBackWhenKPass(filter: (text: String, count: Int), exact: Bool) throws {
    let parsed = try PassageFilter(parsing: filter.text)
    let rows = Set(try collection.store.rows(where: parsed))
    #expect(rows.count == filter.count)
    let wanted = ranking(rows.contains)
    for k in [1, 10, 31, 500] {
      let hits = try search(SearchOptions(exact: exact, filter: parsed), k: k)
      expect(hits, are: wanted.prefix(k))
    }
  }

  @Test func thresholdAndOffsetCutTheRanking() throws {
    let all = ranking { _ in true }
    let least = all[36].score + 1e-6
    expect(try search(SearchOptions(minimumScore: least), k: .max), are: all.prefix(36))
    expect(try search(SearchOptions(minimumScore: least, offset: 30)), are: all[30..<36])
    expect(try search(SearchOptions(offset: 20)), are: all[20..<30])
    expect(try search(SearchOptions(offset: 145)), are: all[145...])
    expect(try search(SearchOptions(offset: 150)), are: [])
    expect(try search(SearchOptions(offset: .max)), are: [])
    expect(try search(SearchOptions(minimumScore: 2)), are: [])
    expect(try search(SearchOptions(minimumScore: -2), k: .max), are: all)
    let five = ranking { $0 % 5 == 0 }
    let filter = try PassageFilter(parsing: #"kind = "five""#)
    expect(try search(SearchOptions(filter: filter, offset: 25)), are: five[25...])
    #expect(try collection.status().deleted == 0)
  }

  @Test(arguments: [0, 5]) func fusionIsOfBothRankings(offset: Int) throws {
    for text in ["id exists", #"kind = "five""#] {
      let filter = try PassageFilter(parsing: text)
      let rows = Set(try collection.store.rows(where: filter))
      let dense = ranking(rows.contains)
      let words = try collection.store.bm25(query, limit: 200, where: rows.contains)
      var sums: [Int: Double] = [:]
      for (i, entry) in dense.enumerated() { sums[entry.row, default: 0] += 1 / Double(61 + i) }
      for (i, match) in words.enumerated() { sums[match.row, default: 0] += 1 / Double(61 + i) }
      let wanted = sums.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
      let hits = try search(SearchOptions(filter: filter, offset: offset, hybrid: true))
      #expect(hits.map(\.id) == wanted.dropFirst(offset).prefix(10).map { "p\($0.key)" })
      for hit in hits {
        let row = try #require(Int(hit.id.dropFirst()))
        #expect(hit.denseRank == dense.firstIndex { $0.row == row }.map { $0 + 1 })
        #expect(hit.bm25Rank == words.firstIndex { $0.row == row }.map { $0 + 1 })
        #expect(hit.bm25Score == words.first { $0.row == row }?.score)
        #expect(abs(Double(hit.score) - sums[row]!) < 1e-6)
      }
      let least = dense[9].score - 1e-6
      let good = try search(
        SearchOptions(filter: filter, minimumScore: least, hybrid: true), k: 100)
      #expect(Set(good.map(\.id)) == Set(dense.filter { $0.score >= least }.map { "p\($0.row)" }))
    }
    let plain = try search(SearchOptions())
    #expect(plain.allSatisfy { $0.denseRank == nil && $0.bm25Rank == nil && $0.denseScore == nil })
  }

  @Test func aPassageThatOnlyItsWordsFindHasItsScore() throws {
    let dense = (0..<3).map { Neighbor(row: $0, score: 1 - Float($0) / 10) }
    let fused = RankFusion.fuse(
      dense: dense, words: [TextMatch(row: 9, score: 5), TextMatch(row: 1, score: 4)])
    #expect(fused.map(\.row) == [1, 0, 9, 2])
    #expect(fused[0].score == 1 / 62.0 + 1 / 62.0)
    #expect(fused[1].score == fused[2].score && fused[2].denseRank == nil)
    #expect(RankFusion.fuse(dense: [], words: []).isEmpty)
  }

  @Test func manyTextsAnswerAsOneByOne() throws {
    let texts = ["winter bridge", query, "candle"]
    for options in [SearchOptions(offset: 2), SearchOptions(hybrid: true)] {
      let together = try collection.search(texts, k: 4, options: options)
      for (text, result) in zip(texts, together) {
        let alone = try collection.search(text, k: 4, options: options)
        #expect(result.query == text && result.hits.map(\.id) == alone.hits.map(\.id))
      }
    }
    #expect(try collection.search([String](), k: 4).isEmpty)
  }

  @Test func deletedAndPendingPassagesAreNotFoundByWords() throws {
    try collection.delete(ids: ["p0"])
    try collection.add([
      Passage(id: "p1", text: "window"), Passage(id: "fresh", text: "quiet river stone"),
    ])
    let hits = try search(SearchOptions(hybrid: true), k: 500)
    #expect(hits.count == 148)
    #expect(Set(hits.map(\.id)).isDisjoint(with: ["p0", "p1", "fresh"]))
    try collection.encode(with: world.a)
    #expect(try search(SearchOptions(hybrid: true), k: 1).first?.id == "fresh")
  }

  @Test func aFilterFollowsTheCollection() throws {
    let filter = try PassageFilter(parsing: #"kind = "five""#)
    let reader = try world.reader()
    let options = SearchOptions(filter: filter)
    #expect(try reader.search(query, k: 99, options: options).hits.count == 30)
    try collection.add([Passage(id: "p0", title: "river", text: passages[0].text)])
    #expect(try reader.search(query, k: 99, options: options).hits.count == 29)
  }

  @Test func manyPassagesThatPassAreFoundThroughTheIndex() throws {
    let other = try World()
    let large = try other.create()
    let texts = toyTexts(6000, seed: 9)
    try large.add(
      texts.enumerated().map { i, text in
        Passage(id: "p\(i)", text: text, metadata: #"{"n": \#(i)}"#)
      })
    try large.encode(with: other.a)
    let vectors = other.a.encode(texts, as: .passage).embeddings
    let wanted = ranked(other.a.encode([query], as: .query).embeddings.row(0), vectors)
      .filter { $0.row >= 1000 }
    let filter = try PassageFilter(parsing: "n >= 1000")
    let exact = try large.search(query, options: SearchOptions(exact: true, filter: filter)).hits
    expect(exact, are: wanted.prefix(10))
    let found = try large.search(query, k: 50, options: SearchOptions(filter: filter)).hits
    #expect(found.count == 50)
    #expect(Set(found.map(\.id)).intersection(wanted.prefix(50).map { "p\($0.row)" }).count >= 45)
    #expect(found.allSatisfy { (Int($0.id.dropFirst()) ?? 0) >= 1000 })
  }

  @Test func impossibleOptionsAreRefused() throws {
    freshetError(.badInput, "offset", "-1") { _ = try search(SearchOptions(offset: -1)) }
    freshetError(.badInput, "score") { _ = try search(SearchOptions(minimumScore: .nan)) }
    freshetError(.badInput, "words") {
      _ = try collection.search(
        vectors: embeddings[rows: 0..<1], encodedBy: world.a.fingerprint,
        options: SearchOptions(hybrid: true))
    }
    #expect(throws: StoreError.self) {
      try search(SearchOptions(filter: .oneOf(.id, [])))
    }
  }
}
