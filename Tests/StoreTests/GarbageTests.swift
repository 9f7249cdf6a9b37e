import Foundation
import Testing

@testable import Store

@Suite struct GarbageTests {
  let store: Store
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    store = try scratch.store()
    _ = try store.upsert([passage("a", "x")])
  }

  private func put(_ path: String) throws {
    let url = store.folder.appendingPathComponent(path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("x".utf8).write(to: url)
  }

  private func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: store.folder.appendingPathComponent(path).path)
  }

  @Test func whatRowsNameStays() throws {
    try store.build()
    try store.build(encoder: "B", value: 2, activate: false)
    try store.register(
      CorrectorRecord(
        id: "c", kind: "ridge", fromEncoder: "A", toEncoder: "B", sampleSize: 1, seed: 1,
        judged: "{}", createdAt: noon))
    let kept = [
      "vectors/0.f32", "vectors/1.f32", "index/0.faiss", "index/0.json", "index/1.faiss",
      "encoders/A/model.safetensors", "encoders/B/x/y", "correctors/c.safetensors", "notes.txt",
    ]
    for path in kept { try put(path) }
    #expect(try store.collectGarbage().isEmpty)
    for path in kept { #expect(exists(path), "\(path)") }
  }

  @Test func whatNoRowNamesGoes() throws {
    try store.build()
    try store.register(
      EncoderRecord(
        fingerprint: "out", dimension: 3, path: "/out", name: "", createdAt: noon))
    let garbage = [
      "correctors/c.safetensors", "encoders/out", "encoders/tmp", "index/.0.faiss.partial",
      "index/1.faiss", "index/1.json", "vectors/.0.f32.X.partial", "vectors/1.f32",
      "vectors/x",
    ]
    for path in garbage { try put(path == "encoders/tmp" ? "encoders/tmp/a/b" : path) }
    let removed = try store.collectGarbage()
    #expect(removed.sorted() == garbage)
    for path in garbage { #expect(!exists(path), "\(path)") }
    #expect(exists("vectors/0.f32"))
  }

  @Test func unfinishedGenerationsGoWithTheirEmbeddings() throws {
    try store.build()
    let id = try store.beginGeneration(encoder: "A", parent: 0, corrector: nil, now: noon)
    try store.appendEmbeddings(
      [EmbeddingRecord(row: 0, provenance: .encoded, predictedError: nil, textHash: "h")],
      generation: id)
    try put("vectors/\(id).f32")
    #expect(try store.collectGarbage() == ["generation 1 (unfinished)", "vectors/1.f32"])
    #expect(try store.embeddings(generation: id).isEmpty)
    let next = try store.beginGeneration(encoder: "A", parent: 0, corrector: nil, now: noon)
    #expect(next == 2, "a number is not used again")
  }

  @Test func aLinkIsRemovedAndNotWhatItLeadsTo() throws {
    let outside = scratch.url.appendingPathComponent("outside")
    try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
    try Data("x".utf8).write(to: outside.appendingPathComponent("file"))
    try FileManager.default.createSymbolicLink(
      at: store.layout.encoders.appendingPathComponent("link"), withDestinationURL: outside)
    #expect(try store.collectGarbage() == ["encoders/link"])
    #expect(try names(in: outside) == ["file"])
  }
}
