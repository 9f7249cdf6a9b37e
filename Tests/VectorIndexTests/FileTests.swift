import Foundation
import Tensors
import Testing

@testable import VectorIndex

private let now = Date(timeIntervalSince1970: 1_700_000_000.75)

@Suite struct FileTests {
  let folder: TemporaryFolder
  let vectors = clusteredVectors(300)

  init() throws { folder = try TemporaryFolder() }

  private func store(_ recipe: String = "IVF8,Flat") throws -> FaissIndex {
    let index = try FaissIndex.build(.faiss(recipe), vectors: vectors, seed: 0)
    try IndexFiles.write(index, folder: folder.url, generation: 3, fingerprint: "abc", now: now)
    return index
  }

  private func open(
    generation: Int = 3, fingerprint: String = "abc", count: Int = 300
  ) throws -> FaissIndex {
    try #require(
      IndexFiles.open(
        folder: folder.url, generation: generation, fingerprint: fingerprint, expectedCount: count)
        as? FaissIndex)
  }

  /// Opens with rebuilding; returns what the handler was told.
  private func reopen(
    _ recipe: IndexRecipe = .faiss("IVF8,Flat"), stores: Bool = true
  ) throws -> (index: FaissIndex, reasons: [String]) {
    var reasons: [String] = []
    let index = try IndexFiles.openOrRebuild(
      folder: folder.url, generation: 3, fingerprint: "abc", vectors: vectors, recipe: recipe,
      now: now, stores: stores
    ) { reasons.append($0) }
    return (try #require(index as? FaissIndex), reasons)
  }

  @Test("what is loaded answers as what was saved", arguments: [
    "Flat", "HNSW16", "IVF16,Flat", "IVF16,PQ8", "IVF8,SQ8", "SQ8", "SQfp16", "PQ8", "HNSW8,SQ4",
  ])
  func roundTrip(recipe: String) throws {
    let queries = clusteredVectors(30, seed: 2)
    let built = try store(recipe)
    let loaded = try open()
    #expect(loaded.recipe == recipe && loaded.count == 300 && loaded.dimension == 32)
    #expect(loaded.vectors == nil)
    if ["Flat", "HNSW16"].contains(recipe) {  // one is answered by our scan, the other by FAISS
      let rows = try built.search(queries, k: 9).map { $0.map(\.row) }
      #expect(try loaded.search(queries, k: 9).map { $0.map(\.row) } == rows)
    } else {
      #expect(try loaded.search(queries, k: 9) == built.search(queries, k: 9))
    }
    let attached = try IndexFiles.open(
      folder: folder.url, generation: 3, fingerprint: "abc", expectedCount: 300, vectors: vectors)
    let parameters = SearchParameters(exactReRank: true)
    #expect(
      try attached.search(queries, k: 9, parameters: parameters)
        == built.search(queries, k: 9, parameters: parameters))
  }

  @Test func theManifestSaysWhatTheIndexIs() throws {
    _ = try store("HNSW16")
    let manifest = try IndexFiles.manifest(folder: folder.url, generation: 3)
    #expect(manifest.fingerprint == "abc" && manifest.generation == 3 && manifest.count == 300)
    #expect(manifest.dimension == 32 && manifest.recipe == "HNSW16")
    #expect(manifest.faissVersion == FaissIndex.faissVersion)
    #expect(manifest.createdAt == Date(timeIntervalSince1970: 1_700_000_000))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("index/3.faiss")))
    #expect(manifest.bytes == bytes.count && manifest.sha256.count == 64)
    #expect(folder.contents == ["index", "index/3.faiss", "index/3.json"])
  }

  /// One kind of damage and what the error must say.
  struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    let says: String
    let inflict: @Sendable (TemporaryFolder) throws -> Void

    init(
      _ name: String, says: String, _ inflict: @escaping @Sendable (TemporaryFolder) throws -> Void
    ) {
      self.name = name
      self.says = says
      self.inflict = inflict
    }
    var testDescription: String { name }
  }

  private static func edit(
    _ file: String, _ change: @escaping @Sendable (inout Data) -> Void
  ) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      let url = URL(fileURLWithPath: folder.path(file))
      var data = try Data(contentsOf: url)
      change(&data)
      try data.write(to: url)
    }
  }

  private static func replace(
    _ old: String, by new: String
  ) -> @Sendable (TemporaryFolder) throws -> Void {
    edit(manifest) { data in
      let text = String(decoding: data, as: UTF8.self)
      precondition(text.contains(old))
      data = Data(text.replacingOccurrences(of: old, with: new).utf8)
    }
  }

  private static func remove(_ file: String) -> @Sendable (TemporaryFolder) throws -> Void {
    { try FileManager.default.removeItem(atPath: $0.path(file)) }
  }

  private static let index = "index/3.faiss"
  private static let manifest = "index/3.json"

  static let damages: [Damage] = [
    Damage("no manifest", says: "3.json is missing", remove(manifest)),
    Damage("no index", says: "3.faiss is missing", remove(index)),
    Damage("first byte", says: "SHA-256", edit(index) { $0[0] ^= 1 }),
    Damage("a size field", says: "SHA-256", edit(index) { $0[10] ^= 0x80 }),
    Damage("middle byte", says: "SHA-256", edit(index) { $0[$0.count / 2] ^= 4 }),
    Damage("last byte", says: "SHA-256", edit(index) { $0[$0.count - 1] ^= 0x40 }),
    Damage("cut", says: "length in bytes", edit(index) { $0.removeLast() }),
    Damage("halved", says: "length in bytes", edit(index) { $0 = $0.prefix($0.count / 2) }),
    Damage("emptied", says: "length in bytes", edit(index) { $0 = Data() }),
    Damage("longer", says: "length in bytes", edit(index) { $0.append(0) }),
    Damage("empty manifest", says: "not an index manifest", edit(manifest) { $0 = Data() }),
    Damage("no JSON", says: "not an index manifest", edit(manifest) { $0 = Data("{".utf8) }),
    Damage("no fields", says: "not an index manifest", edit(manifest) { $0 = Data("{}".utf8) }),
    Damage(
      "other generation", says: "generation is 4, expected is 3",
      replace("\"generation\" : 3", by: "\"generation\" : 4")),
    Damage(
      "other encoder", says: "encoder is xyz, expected is abc", replace("\"abc\"", by: "\"xyz\"")),
    Damage(
      "other count", says: "number of vectors is 299, expected is 300",
      replace("\"count\" : 300", by: "\"count\" : 299")),
    Damage(
      "other dimension", says: "dimension is 32, expected is 33",
      replace("\"dimension\" : 32", by: "\"dimension\" : 33")),
    Damage("other recipe", says: "recipe is ", replace("IVF8,Flat", by: "IVF9,Flat")),
  ]

  @Test("every damage is noticed, named, and cured by rebuilding", arguments: damages)
  func damage(_ damage: Damage) throws {
    let former = try store()
    try damage.inflict(folder)
    let error = indexError { _ = try open() }
    #expect(error?.code == .damaged, "\(String(describing: error))")
    #expect(error?.message.contains(damage.says) == true, "\(error?.message ?? "none")")
    #expect(error?.message.contains("index/3.") == true)
    let (rebuilt, reasons) = try reopen()
    #expect(reasons.count == 1)
    #expect(try rebuilt.search(vectors, k: 5) == former.search(vectors, k: 5))
    #expect(try reopen().reasons == [])
    #expect(try open().count == 300)
    #expect(folder.contents == ["index", "index/3.faiss", "index/3.json"])
  }

  @Test func theWrongEncoderGenerationOrCountIsRefused() throws {
    _ = try store()
    #expect(indexError { _ = try open(fingerprint: "abcd") }?.code == .damaged)
    let missing = indexError { _ = try open(generation: 4) }
    #expect(missing?.message.contains("4.json is missing") == true)
    #expect(indexError { _ = try open(count: 301) }?.code == .damaged)
    #expect(throws: Never.self) { try open() }
  }

  @Test func anIndexOfAnotherEncoderUnderThisNameIsRefused() throws {
    // Both files whole, but swapped in from elsewhere: only the fingerprint tells.
    let index = try FaissIndex.build(.faiss("IVF8,Flat"), vectors: vectors, seed: 0)
    try IndexFiles.write(index, folder: folder.url, generation: 3, fingerprint: "other", now: now)
    let (_, reasons) = try reopen()
    #expect(reasons.count == 1 && reasons[0].contains("encoder is other"))
  }

  @Test("a wanted recipe must be the stored one; automatic takes what is there")
  func recipeOnOpening() throws {
    _ = try store("IVF8,Flat")
    #expect(try reopen(.automatic).index.recipe == "IVF8,Flat")
    #expect(try reopen(.automatic).reasons == [])
    let (index, reasons) = try reopen(.faiss("HNSW16,Flat"))
    #expect(index.recipe == "HNSW16")
    #expect(reasons.count == 1 && reasons[0].contains("its recipe is IVF8,Flat, wanted is HNSW16"))
    #expect(try reopen(.faiss("HNSW16")).reasons == [])
  }

  @Test func vectorsOfAnotherDimensionDoNotCrash() throws {
    _ = try store()
    let error = indexError {
      _ = try IndexFiles.open(
        folder: folder.url, generation: 3, fingerprint: "abc", expectedCount: 300,
        vectors: clusteredVectors(300, dimension: 16))
    }
    #expect(error?.code == .invalidArgument)
    var reasons: [String] = []
    let index = try IndexFiles.openOrRebuild(
      folder: folder.url, generation: 3, fingerprint: "abc",
      vectors: clusteredVectors(300, dimension: 16), recipe: .automatic, now: now
    ) { reasons.append($0) }
    #expect(index.dimension == 16 && reasons.count == 1)
  }

  @Test("a reader rebuilds in memory and leaves the files alone")
  func readerDoesNotStore() throws {
    let (index, reasons) = try reopen(stores: false)
    #expect(index.count == 300 && reasons.count == 1)
    #expect(folder.contents == [])
  }

  @Test("when the rebuilt index cannot be stored it is used and the handler told")
  func unwritableFolder() throws {
    try Data("a file where the folder should be".utf8).write(
      to: folder.url.appendingPathComponent("index"))
    let (index, reasons) = try reopen()
    #expect(index.count == 300)
    #expect(reasons.count == 2 && reasons[1].contains("could not be stored"))
  }

  @Test("a full disk is an error, not half a file")
  func fullDisk() throws {
    let index = try FaissIndex.build(.faiss("Flat"), vectors: vectors, seed: 0)
    let full = indexError { try index.handle.save("/dev/full", vectors: index.vectors) }
    #expect(full?.code == .io)
    #expect(full?.message.contains("No space left on device") == true)
    let small = try FaissIndex.build(.faiss("Flat"), vectors: clusteredVectors(1), seed: 0)
    #expect(indexError { try small.handle.save("/dev/full", vectors: nil) }?.code == .io)
    let graph = try FaissIndex.build(.faiss("HNSW4"), vectors: vectors, seed: 0)
    #expect(indexError { try graph.handle.save("/dev/full", vectors: vectors) }?.code == .io)
    let path = folder.path("without.faiss")
    let alone = indexError { try graph.handle.save(path, vectors: nil) }
    #expect(alone?.code == .invalidArgument)
  }

  @Test func aFailedSaveKeepsTheFormerFile() throws {
    _ = try store()
    let before = try Data(contentsOf: URL(fileURLWithPath: folder.path("index/3.faiss")))
    let error = indexError {
      try replaceFile(folder.path("index/3.faiss")) { (temporary) throws(IndexError) in
        _ = FileManager.default.createFile(atPath: temporary, contents: Data("half".utf8))
        throw IndexError(.io, "no space")
      }
    }
    #expect(error?.code == .io)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("index/3.faiss"))) == before)
    #expect(folder.contents == ["index", "index/3.faiss", "index/3.json"])
  }

  @Test func savingWhereNothingCanBeWrittenIsAnError() throws {
    let index = try FaissIndex.build(.automatic, vectors: vectors, seed: 0)
    let error = indexError { try index.save(to: folder.path("no/such/folder.faiss")) }
    #expect(error?.code == .io && error?.message.contains("No such file") == true)
  }

  @Test("what is no FAISS file, or is cut, is an error when loaded directly")
  func notFaiss() throws {
    #expect(indexError { _ = try FaissIndex.load(from: folder.path("none")) }?.code == .io)
    try Data("hello".utf8).write(to: folder.url.appendingPathComponent("text"))
    #expect(indexError { _ = try FaissIndex.load(from: folder.path("text")) }?.code == .backend)
    try FaissIndex.build(.automatic, vectors: vectors, seed: 0).save(to: folder.path("good"))
    let good = try Data(contentsOf: URL(fileURLWithPath: folder.path("good")))
    for length in [0, 3, 4, 20, 45, good.count - 1] {
      try good.prefix(length).write(to: folder.url.appendingPathComponent("cut"))
      let error = indexError { _ = try FaissIndex.load(from: folder.path("cut")) }
      #expect(error?.code == .backend, "\(length)")
    }
    try (good + [0]).write(to: folder.url.appendingPathComponent("long"))
    #expect(indexError { _ = try FaissIndex.load(from: folder.path("long")) }?.code == .backend)
  }

  @Test func checksumOfAKnownText() throws {
    try Data("abc".utf8).write(to: folder.url.appendingPathComponent("abc"))
    #expect(
      try checksum(ofFile: folder.path("abc"))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
