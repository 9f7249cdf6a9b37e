import Foundation
import Testing

@testable import Store

@Suite struct EncoderAndCorrectorTests {
  let store: Store
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    store = try scratch.store()
  }

  private func corrector(_ id: String, from: String = "A", to: String = "B") -> CorrectorRecord {
    CorrectorRecord(
      id: id, kind: "ridge", fromEncoder: from, toEncoder: to, sampleSize: 64,
      seed: .min, judged: #"{"cosine": 0.9}"#, createdAt: noon)
  }

  @Test func encodersComeBackOldestFirst() throws {
    let later = EncoderRecord(
      fingerprint: "0", dimension: 384, path: "/outside/model", name: "",
      createdAt: noon.addingTimeInterval(1))
    for record in [later, encoder("B"), encoder("A")] { try store.register(record) }
    #expect(try store.encoders() == [encoder("A"), encoder("B"), later])
    #expect(try store.encoder(fingerprint: "0") == later)
    #expect(try store.encoder(fingerprint: "a") == nil)
  }

  @Test func anEncoderMayMoveButNotChange() throws {
    try store.register(encoder("A"))
    var moved = encoder("A")
    moved.path = "/elsewhere"
    try store.register(moved)
    #expect(try store.encoder(fingerprint: "A") == moved)
    expectError(.invalidArgument, "A", "dimension 3", "not 4") {
      try store.register(encoder("A", dimension: 4))
    }
    #expect(try store.encoder(fingerprint: "A") == moved)
  }

  @Test func encoderPathsLeadToFolders() {
    let folder = URL(fileURLWithPath: "/c.freshet")
    #expect(encoder("A").url(inCollection: folder).path == "/c.freshet/encoders/A")
    var outside = encoder("A")
    outside.path = "/models/a"
    #expect(outside.url(inCollection: folder).path == "/models/a")
  }

  @Test(arguments: ["", "A", "encoders", "encoders/", "encoders/a/b", "encoders/..", "../x"])
  func strangePathsAreRefused(path: String) throws {
    var record = encoder("A")
    record.path = path
    expectError(.invalidArgument) { try store.register(record) }
    #expect(try store.encoders().isEmpty)
  }

  @Test(arguments: [0, -1])
  func strangeDimensionsAreRefused(dimension: Int) {
    expectError(.invalidArgument, "dimension \(dimension)") {
      try store.register(encoder("A", dimension: dimension))
    }
  }

  @Test func correctorsComeBack() throws {
    for name in ["A", "B"] { try store.register(encoder(name)) }
    try store.register(corrector("c-1"))
    #expect(try store.corrector(id: "c-1") == corrector("c-1"))
    #expect(try store.corrector(id: "c-2") == nil)
    expectError(.duplicateID, "c-1") { try store.register(corrector("c-1")) }
  }

  @Test(arguments: ["", ".", "..", "../x", "a/b", ".hidden", "a\0"])
  func aCorrectorsIDMustNameAFile(id: String) {
    expectError(.invalidArgument) { try store.register(corrector(id)) }
  }

  @Test func aCorrectorNeedsItsEncoders() throws {
    try store.register(encoder("A"))
    expectError(.unknownEncoder, "B") { try store.register(corrector("c")) }
    expectError(.unknownEncoder, "Z") { try store.register(corrector("c", from: "Z", to: "A")) }
    #expect(try store.corrector(id: "c") == nil)
  }
}
