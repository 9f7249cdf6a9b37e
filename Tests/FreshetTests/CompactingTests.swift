import Foundation
import Store
import TestSupport
import Testing

@testable import Freshet

/// Compaction of a whole collection: vectors, indexes, searches, and cuts in the middle.
@Suite struct CompactingTests {
  let world: World
  let collection: PassageCollection

  /// Two generations by A and, active, one by B; every third passage deleted since.
  init() throws {
    world = try World()
    collection = try world.encoded(60)
    try collection.add([Passage(id: "p60", text: "river candle market")])
    try collection.encode(with: world.a)
    try collection.encode(with: world.b)
    try collection.add([
      Passage(id: "late", text: "pepper island"), Passage(id: "p7", text: "lamp"),
    ])
    try collection.delete(ids: (0..<20).map { "p\($0 * 3)" })
  }

  /// What searches find, by id, with and without the index.
  private func answers(_ collection: PassageCollection) throws -> [[SearchHit]] {
    let hybrid = SearchOptions(hybrid: true)
    return try ["quiet river", "paper engine winter"].flatMap { text in
      try [SearchOptions(exact: true), SearchOptions(), hybrid].map {
        try collection.search(text, k: 100, options: $0).hits.map { hit in
          var hit = hit
          // BM25's statistics are those of the passages alive, which are the same ones.
          hit.score = (hit.score * 1e4).rounded()
          hit.denseScore = hit.denseScore.map { ($0 * 1e4).rounded() }
          hit.bm25Score = hit.bm25Score.map { ($0 * 1e4).rounded() }
          return hit
        }.sorted { ($0.score, $0.id) > ($1.score, $1.id) }
      }
    }
  }

  private func requireSound(_ collection: PassageCollection) throws {
    for finding in try collection.verify() { #expect(finding.ok, "\(finding)") }
  }

  @Test func nothingIsLostButWhatWasDeleted() throws {
    let before = try answers(collection)
    #expect(before[0].count == 40)
    #expect(try collection.status().suggestsCompaction)
    #expect(try collection.status().deleted == 20)
    let reader = try world.reader()
    #expect(try answers(reader) == before)
    let summary = try collection.compact()
    #expect(
      summary == CompactionSummary(removed: 20, passages: 42, generation: 3, dropped: [0]))
    #expect(try answers(collection) == before)
    #expect(try answers(reader) == before, "a reader goes over to the new rows")
    try requireSound(collection)
    let status = try collection.status()
    #expect(status.deleted == 0 && status.pending == 2 && !status.suggestsCompaction)
    #expect(status.generations.map(\.id) == [3, 4])
    #expect(try world.vectors(3, rows: 41).count == 41 * world.a.dimension)
    try collection.encode(with: world.b)
    #expect(try collection.search("pepper island", k: 1).hits.first?.id == "late")
    try collection.rollback()
    #expect(try answers(collection) == before)
    try collection.rollback()
    #expect(try collection.status().generations.last?.encoder == world.b.fingerprint)
    #expect(try collection.activeEncoder().fingerprint == world.a.fingerprint)
    try requireSound(try world.reader())
  }

  @Test func withoutDeletedPassagesNothingHappens() throws {
    try collection.compact()
    let seen = try world.visible()
    let summary = try collection.compact()
    #expect(summary == CompactionSummary(removed: 0, passages: 42, generation: 3, dropped: []))
    #expect(try world.visible() == seen)
  }

  @Test func aCollectionMayBeEmptied() throws {
    try collection.delete(where: PassageFilter(parsing: "id exists"))
    #expect(try collection.compact().removed == 62)
    #expect(try collection.search("river").hits.isEmpty)
    try collection.add([Passage(id: "again", text: "river")])
    try collection.encode(with: world.b)
    #expect(try collection.search("river").hits.map(\.id) == ["again"])
    try requireSound(collection)
  }

  @Test func askedToStopItStopsBeforeTheSwap() throws {
    let before = try answers(collection)
    freshetError(.interrupted, "nothing has changed") {
      try collection.compact(shouldStop: { true })
    }
    #expect(try answers(collection) == before)
    #expect(try collection.compact().removed == 20)
  }

  @Test func aLostGenerationOfARollbackIsGivenUp() throws {
    let before = try answers(collection)
    try FileManager.default.removeItem(at: world.file("vectors/1.f32"))
    #expect(try collection.compact().dropped == [0, 1])
    #expect(world.notices.contains { $0.contains("generation 1 is given up") })
    #expect(try answers(collection) == before)
    try requireSound(collection)
  }

  /// A power cut at any step: the folder as it is there opens, answers alike, and can be compacted.
  @Test(arguments: CompactionStep.allCases)
  func cutOffAnywhereItIsOldOrNew(step: CompactionStep) throws {
    let before = try answers(collection)
    let copy = world.folder.url.appending(path: "copy.freshet")
    var copied = false
    _ = try collection.compact { (now: CompactionStep) in
      guard now == step, !copied else { return }
      copied = true
      try FileManager.default.copyItem(at: world.url, to: copy)
    }
    #expect(try answers(PassageCollection.open(copy)) == before)
    let reopened = try PassageCollection.openForWriting(copy)
    #expect(try answers(reopened) == before)
    try requireSound(reopened)
    let isNew = [.committed, .cleared].contains(step)
    #expect(try reopened.status().generations.count == (isNew ? 2 : 3))
    #expect(try reopened.compact().removed == (isNew ? 0 : 20))
    #expect(try answers(reopened) == before)
    #expect(try reopened.store.collectGarbage().isEmpty)
  }
}
