import Foundation
import Store
import TestSupport
import Testing

@testable import Freshet

/// Passages that are encoded again to see how far the served embeddings are.
@Suite struct CanaryTests {
  let world: World
  init() throws { world = try World() }

  /// Mean 1 − cosine of served rows and what an encoder gives, by a plain loop in Double.
  private func direct(_ generation: Int, _ rows: [Int], of count: Int, by encoder: TextEncoder)
    throws -> Double
  {
    let served = try Matrix(
      mapping: world.file("vectors/\(generation).f32").path, rows: count,
      columns: world.a.dimension)
    let fresh = encoder.encode(toyTexts(count), as: .passage).embeddings
    func dot(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return rows.reduce(0) { sum, row in
      let (a, b) = (served.row(row), fresh.row(row))
      return sum + 1 - dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    } / Double(rows.count)
  }

  private func rows(_ collection: PassageCollection, _ count: Int) throws -> [Int] {
    let record = try #require(try collection.store.activeGeneration())
    let source = try GenerationSource(record, collection.mapVectors(of: record), collection.store)
    return try collection.canaries(count, source).map(\.row)
  }

  @Test func whatIsEncodedHasNotDrifted() throws {
    let collection = try world.encoded(120)
    let before = try world.visible()
    let drift = try collection.canaryDrift(count: 30)
    #expect(drift.generation == 0 && drift.isOwnEncoder)
    #expect(drift.encoder == world.a.fingerprint)
    #expect(drift.all.count == 30 && drift.all == drift.encoded && drift.corrected == nil)
    #expect(drift.all.drift.allSatisfy { abs($0) < 1e-5 }, "\(drift)")
    #expect(drift.all.predictedError == nil)
    #expect(try world.visible() == before)
    #expect(try world.reader().canaryDrift(count: 30) == drift, "reading is enough")
  }

  @Test func correctedRowsShowTheirTrueError() throws {
    let collection = try world.encoded(300)
    try collection.add([Passage(id: "other", text: "island island pepper")])
    var options = quickRefresh
    options.sample = .count(100)
    try collection.refresh(to: world.b, options: options)
    let all = try collection.canaryDrift(count: 1000)
    let corrected = try #require(all.corrected)
    #expect(corrected.count == 300 && all.encoded?.count == 1 && all.all.count == 301)
    let expected = try direct(1, Array(0..<300), of: 300, by: world.b)
    #expect(abs(corrected.drift[1] - expected) < 1e-5)
    #expect(expected > 1e-3, "corrected, not encoded")
    #expect(corrected.drift[0] < corrected.drift[1] && corrected.drift[1] < corrected.drift[2])
    #expect(try #require(all.encoded).drift.allSatisfy { abs($0) < 1e-5 })
    let errors = try collection.store.embeddings(generation: 1).compactMap(\.predictedError)
    let predicted = try #require(corrected.predictedError)
    #expect(abs(predicted - errors.reduce(0, +) / 300) < 1e-9)
  }

  @Test func anotherEncoderShowsHowStaleTheyAre() throws {
    let collection = try world.encoded(120)
    let drift = try collection.canaryDrift(count: 120, encoder: world.b)
    #expect(!drift.isOwnEncoder && drift.encoder == world.b.fingerprint)
    let expected = try direct(0, Array(0..<120), of: 120, by: world.b)
    #expect(abs(drift.all.drift[1] - expected) < 1e-5 && expected > 0.01)
  }

  @Test func theCanariesAreTheSameEveryTime() throws {
    let collection = try world.encoded(120)
    func measured(_ count: Int) throws -> CanaryDrift {
      try collection.canaryDrift(count: count, encoder: world.b)
    }
    let first = try measured(40)
    #expect(try measured(40) == first)
    // Passages that are added take the places of few: of a tenth, on average.
    let rows = try rows(collection, 40)
    #expect(try Set(self.rows(collection, 20)).isSubset(of: rows))
    try collection.add(toyPassages(132).suffix(12))
    try collection.encode(with: world.a)
    #expect(try Set(self.rows(collection, 40)).intersection(rows).count >= 32)
    // Deleted and changed ones are no canaries.
    try collection.delete(ids: (0..<60).map { "p\($0)" })
    try collection.add([Passage(id: "p61", text: "quite another text")])
    #expect(try measured(200).all.count == 132 - 61)
  }

  @Test func whatCannotBeCompared() throws {
    freshetError(.empty, "freshet encode") { _ = try world.create().canaryDrift(count: 5) }
    let collection = try world.writer()
    try collection.add(toyPassages(30))
    try collection.encode(with: world.a)
    let short = try TextEncoder(folder: World.encoderFolder, dimensions: 8)
    freshetError(.wrongEncoder, "8 dimensions", "holds \(world.a.dimension)", "refresh --plan") {
      _ = try collection.canaryDrift(count: 5, encoder: short)
    }
    freshetError(.interrupted) {
      _ = try collection.canaryDrift(count: 5, shouldStop: { true })
    }
    try collection.delete(ids: (0..<30).map { "p\($0)" })
    freshetError(.empty, "present text") { _ = try collection.canaryDrift(count: 5) }
  }
}
