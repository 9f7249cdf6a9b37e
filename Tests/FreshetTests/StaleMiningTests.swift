import Foundation
import Freshet
import TestSupport
import Testing

/// Negatives are those of the encoder that is asked for, never another's.
///
/// A miner that caches embeddings under the names of texts served model B the negatives of model A,
/// 80 rows of 80. Here the same is tried on a collection.
@Suite struct StaleMiningTests {
  private let world: World
  private let toy: ToyRetrieval

  init() throws {
    world = try World()
    toy = try ToyRetrieval(in: world.folder, passages: 200, queries: 80)
  }

  /// The two best passages of each query that are no positives of it, by a plain loop.
  private func own(_ encoder: TextEncoder) -> [[String]] {
    let passages = encoder.encode(toy.passages.map(\.text), as: .passage).embeddings
    let queries = encoder.encode(toy.queries.map(\.text), as: .query).embeddings
    return toy.queries.enumerated().map { i, query in
      let positives = toy.relevant[query.id, default: []]
      return ranked(queries.row(i), passages).map { "p\($0.row)" }
        .filter { !positives.contains($0) }.prefix(2).map { $0 }
    }
  }

  private func mined(_ collection: PassageCollection) throws -> [[String]] {
    var options = MiningOptions()
    options.rules.negativesPerQuery = 2
    let out = world.folder.url.appending(path: "negatives.jsonl")
    try collection.mine(try toy.judged(), options: options, to: out)
    return try NegativesRecord.read(out).map { $0.negatives.map(\.id) }
  }

  private func equal(_ a: [[String]], _ b: [[String]]) -> Int {
    zip(a, b).count { $0 == $1 }
  }

  @Test func anotherEncoderMinesItsOwnNegatives() throws {
    let (ofA, ofB) = (own(world.a), own(world.b))
    #expect(equal(ofA, ofB) < 70, "two encoders that differ")
    let collection = try world.create()
    try collection.add(contentsOf: toy.corpusFile)
    try collection.encode(with: world.a)
    #expect(equal(try mined(collection), ofA) == 80)
    // The same process, the same handle, the same folder and texts: only the encoder is another.
    try collection.encode(with: world.b)
    #expect(equal(try mined(collection), ofB) == 80)
    #expect(equal(try mined(try world.reader()), ofB) == 80)
    try collection.rollback()
    #expect(equal(try mined(collection), ofA) == 80)
  }

  @Test func anEncoderThatChangedInPlaceIsRefused() throws {
    let collection = try world.create()
    try collection.add(contentsOf: toy.corpusFile)
    let folder = world.folder.url.appending(path: "changing")
    try FileManager.default.copyItem(at: World.encoderFolder, to: folder)
    try collection.encode(with: try TextEncoder(folder: folder))
    let before = try mined(collection)
    // The weights behind the same path become B's; the collection goes by its own copy, or refuses.
    let weights = folder.appending(path: "model.safetensors")
    try FileManager.default.removeItem(at: weights)
    try FileManager.default.copyItem(
      at: world.folder.url.appending(path: "b/model.safetensors"), to: weights)
    do {
      #expect(equal(try mined(try world.reader()), before) == 80)
    } catch let error as FreshetError {
      #expect(error.code == .wrongEncoder)
    }
  }
}
