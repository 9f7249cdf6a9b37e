import Foundation
import TestSupport
import Testing

@testable import Freshet

/// Interrupted encoding goes on where it stopped.
@Suite struct JournalTests {
  static let count = 1500  // several blocks

  private func filled(_ world: World) throws -> PassageCollection {
    let collection = try world.create()
    try collection.add(toyPassages(Self.count))
    return collection
  }

  /// Embeddings in the journal of encoder A.
  private func kept(_ world: World) throws -> Int {
    try world.bytes("partial/\(world.a.fingerprint).journal").count / (64 + 24 * 4)
  }

  @Test func anInterruptedEncodingGivesTheSameBytes() throws {
    let (whole, cut) = (try World(), try World())
    try filled(whole).encode(with: whole.a)
    do {
      let collection = try filled(cut)
      freshetError(.interrupted, "of 1500", "run the same command again") {
        try collection.encode(with: cut.a, shouldStop: Stop(after: 1).check)
      }
      #expect(try collection.status().active == nil)
      #expect(try collection.status().pending == Self.count)
    }
    let kept = try kept(cut)
    #expect((1..<Self.count).contains(kept))
    let collection = try cut.writer()
    let summary = try collection.encode(with: cut.a)
    #expect(summary.newlyEncoded == Self.count - kept)
    #expect(summary.encoded == Self.count)
    #expect(try cut.bytes("vectors/0.f32") == whole.bytes("vectors/0.f32"))
    #expect(try cut.bytes("index/0.faiss") == whole.bytes("index/0.faiss"))
    let left = try FileManager.default.contentsOfDirectory(atPath: cut.file("partial").path)
    #expect(left.isEmpty)
  }

  @Test func aRecordCutShortByACrashIsEncodedAgain() throws {
    let (whole, cut) = (try World(), try World())
    try filled(whole).encode(with: whole.a)
    let collection = try filled(cut)
    freshetError(.interrupted) {
      try collection.encode(with: cut.a, shouldStop: Stop(after: 1).check)
    }
    let journal = "partial/\(cut.a.fingerprint).journal"
    let kept = try kept(cut)
    try cut.bytes(journal).dropLast(33).write(to: cut.file(journal))
    #expect(try collection.encode(with: cut.a).newlyEncoded == Self.count - (kept - 1))
    let expected = try whole.vectors(0, rows: Self.count)
    // That one text was encoded in other company: the last bits may differ.
    #expect(largestDifference(try cut.vectors(0, rows: Self.count), expected) < 1e-6)
  }

  @Test func anInterruptedRefreshLeavesTheOldGenerationAndGoesOn() throws {
    let world = try World()
    let collection = try filled(world)
    try collection.encode(with: world.a)
    let before = try world.visible()
    var options = quickRefresh
    options.sample = .count(1200)
    freshetError(.interrupted) {
      try collection.refresh(to: world.b, options: options, shouldStop: Stop(after: 1).check)
    }
    #expect(try world.visible() == before)
    #expect(
      try collection.refresh(to: world.b, options: options).generation.corrected == Self.count)
  }

  @Test func equalTextsAreEncodedOnce() throws {
    let world = try World()
    let collection = try world.create()
    try collection.add((0..<40).map { Passage(id: "p\($0)", text: toyTexts(20)[$0 % 20]) })
    try collection.encode(with: world.a)
    let size = world.a.dimension * 4
    let vectors = try world.bytes("vectors/0.f32")
    #expect(vectors.count == 40 * size)
    #expect(vectors.prefix(20 * size) == vectors.suffix(20 * size))
  }
}
