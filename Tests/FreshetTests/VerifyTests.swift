import Foundation
import Store
import TestSupport
import Testing

@testable import Freshet

@Suite struct VerifyTests {
  let world: World
  init() throws {
    world = try World()
    try world.encoded().encode(with: world.b)
  }

  /// What a new handle finds damaged.
  private func damaged() throws -> [VerifyFinding] {
    try world.reader().verify().filter { !$0.ok }
  }

  @Test func aWholeCollectionIsWhole() throws {
    let findings = try world.reader().verify()
    #expect(findings.filter { !$0.ok } == [])
    #expect(
      findings.map(\.subject) == [
        "freshet.sqlite", "encoders/\(world.a.fingerprint)", "encoders/\(world.b.fingerprint)",
        "vectors/0.f32", "index/0.faiss", "vectors/1.f32", "index/1.faiss",
      ])
  }

  @Test(arguments: [
    ("vectors/0.f32", 0), ("vectors/1.f32", 1000), ("vectors/1.f32", -1), ("index/0.faiss", 200),
    ("index/1.faiss", -1), ("index/1.faiss", 0),
  ])
  func oneByteIsNoticed(file: String, place: Int) throws {
    try world.flipByte(of: file, at: place)
    #expect(try damaged().map(\.subject) == [file])
    try world.flipByte(of: file, at: place)
    #expect(try damaged().isEmpty)
  }

  @Test func aMissingVectorFileIsNoticed() throws {
    try FileManager.default.removeItem(at: world.file("vectors/1.f32"))
    let found = try damaged()
    #expect(found.map(\.subject) == ["vectors/1.f32"])
    #expect(found.first?.detail.contains("1.f32") == true)
    freshetError(.damaged, "vectors/1.f32", "freshet rollback") {
      _ = try world.reader().search("river")
    }
    let writer = try world.writer()
    #expect(try writer.rollback().generation == 0)
    #expect(try writer.search("river").hits.count == 10)
  }

  @Test func aShortVectorFileIsNoticed() throws {
    let file = world.file("vectors/1.f32")
    try world.bytes("vectors/1.f32").dropLast(4).write(to: file)
    #expect(try damaged().map(\.subject) == ["vectors/1.f32"])
    freshetError(.damaged, "vectors/1.f32") { _ = try world.reader().search("river") }
  }

  @Test func aChangedEncoderIsNoticed() throws {
    let weights = "encoders/\(world.b.fingerprint)/model.safetensors"
    // The last byte is the highest of a float: sign and exponent.
    try world.flipByte(of: weights, at: -1)
    #expect(try damaged().map(\.subject) == ["encoders/\(world.b.fingerprint)"])
    #expect(throws: (any Error).self) { try world.reader().search("river") }
    let writer = try world.writer()
    try writer.rollback()
    #expect(try writer.search("river").hits.count == 10)
  }

  @Test func whatEncodingNeedsIsMadeAgain() throws {
    // Weights of the copy are damaged, and the active generation's vectors are gone.
    try world.flipByte(of: "encoders/\(world.b.fingerprint)/model.safetensors", at: -1)
    try FileManager.default.removeItem(at: world.file("vectors/1.f32"))
    let summary = try world.writer().encode(with: world.b)
    #expect((summary.generation, summary.newlyEncoded, summary.encoded) == (2, 60, 60))
    #expect(world.notices.contains { $0.contains("1.f32") }, "\(world.notices)")
    #expect(try damaged().map(\.subject) == ["vectors/1.f32"])
    #expect(try world.reader().search("river").generation == 2)
  }

  @Test func aMissingEncoderIsNoticed() throws {
    try FileManager.default.removeItem(at: world.file("encoders/\(world.a.fingerprint)"))
    #expect(try damaged().map(\.subject) == ["encoders/\(world.a.fingerprint)"])
  }

  @Test(arguments: ["flipped", "cut", "removed", "manifest"])
  func aDamagedIndexIsRebuiltOnTheNextSearch(damage: String) throws {
    let before = try world.reader().search("river stone", k: 60)
    let file = "index/1.faiss"
    switch damage {
    case "flipped": try world.flipByte(of: file, at: 300)
    case "cut": try world.bytes(file).dropLast(10).write(to: world.file(file))
    case "removed": try FileManager.default.removeItem(at: world.file(file))
    default: try Data("{".utf8).write(to: world.file("index/1.json"))
    }
    #expect(try damaged().map(\.subject) == [file])
    #expect(world.notices.isEmpty)
    #expect(try world.reader().search("river stone", k: 60) == before)
    #expect(world.notices.count == 1)
    #expect(world.notices.first?.contains("index") == true, "\(world.notices)")
    #expect(try damaged().map(\.subject) == [file], "who only reads stores nothing")
    #expect(try world.writer().search("river stone", k: 60) == before)
    #expect(world.notices.count == 2)
    #expect(try damaged().isEmpty)
    #expect(try world.reader().search("river stone", k: 60) == before)
    #expect(world.notices.count == 2, "it is whole again")
  }

  @Test func aDamagedDatabaseIsSaid() throws {
    let file = world.file("freshet.sqlite")
    var data = try Data(contentsOf: file)
    data.replaceSubrange(0..<64, with: [UInt8](repeating: 0x5A, count: 64))
    try data.write(to: file)
    try? FileManager.default.removeItem(at: world.file("freshet.sqlite-wal"))
    let error = #expect(throws: StoreError.self) { _ = try world.reader() }
    #expect(error?.message.contains(file.path) == true, "\(error?.message ?? "")")
  }

  @Test func whatAnInterruptedRunLeftIsCleared() throws {
    try Data("x".utf8).write(to: world.file("vectors/7.f32"))
    try Data("x".utf8).write(to: world.file("index/7.faiss"))
    _ = try world.writer()
    #expect(!FileManager.default.fileExists(atPath: world.file("vectors/7.f32").path))
    #expect(!FileManager.default.fileExists(atPath: world.file("index/7.faiss").path))
    #expect(try damaged().isEmpty)
  }
}
