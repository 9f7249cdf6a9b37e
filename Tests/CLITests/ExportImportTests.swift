import Foundation
import Freshet
import TestSupport
import Testing

/// `freshet export` and `freshet import` as commands.
@Suite struct ExportImportTests {
  private let place: Workplace
  init() throws { place = try Workplace() }

  private var out: String { place.path("out") }
  private var copy: String { place.path("copy.freshet") }

  private func ids(_ collection: String) async throws -> [String] {
    let answer = try await Command.json("search", collection, "river stone", "-k", "9")
    return try #require(answer["hits"] as? [[String: Any]]).compactMap { $0["id"] as? String }
  }

  @Test func aCollectionGoesOutAndComesInWithoutEncoding() async throws {
    try await place.encoded()
    let written = try await Command.json(
      "export", place.collection, "--out", out, "--format", "fvecs", "--index")
    #expect(
      written.keys.sorted() == ["dimension", "encoder", "generation", "index", "passages", "pending"])
    let files = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
    #expect(files == ["corpus.fvecs", "corpus.ids.txt", "corpus.jsonl", "corpus.lineage.jsonl", "index.faiss"])
    let taken = try await Command.json("import", copy, out, "--encoder", place.encoderA)
    #expect(
      taken.keys.sorted() == [
        "added", "changed", "corrected", "encoder", "generation", "index", "indexImported",
        "pending", "vectors",
      ])
    #expect(taken["vectors"] as? Int == Workplace.count && taken["indexImported"] as? Bool == true)
    let found = try await (ids(place.collection), ids(copy))
    #expect(found.0 == found.1 && found.0.count == 9)
    _ = try await Command.ok("verify", copy)
    let words = try await Command.ok("export", copy, "--out", place.path("again")).output
    #expect(words.hasPrefix("100 passages of generation 0, 24 dimensions, are in "), "\(words)")
  }

  @Test func vectorsOfAnotherEncoderLeaveNoCollection() async throws {
    try await place.encoded()
    _ = try await Command.ok("export", place.collection, "--out", out)
    try await Command.fails(
      ["import", copy, out, "--encoder", place.encoderB], "the vectors are of the encoder", "the given one is")
    #expect(!FileManager.default.fileExists(atPath: copy))
    try await Command.fails(
      ["import", copy, place.path("none"), "--encoder", place.encoderA], "corpus.npy: no such file")
    try await Command.fails(
      ["export", place.collection, "--out", place.corpus], "the folder cannot be made")
    try await Command.isWrongUsage(
      ["export", place.collection, "--out", out, "--format", "csv"], "csv")
  }
}
