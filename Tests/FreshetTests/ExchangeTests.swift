import Foundation
import Freshet
import TestSupport
import Testing
import VectorIndex

/// Collections go out into plain files and come in again.
@Suite struct ExchangeTests {
  let world: World
  init() throws { world = try World() }

  private var out: URL { world.folder.url.appending(path: "out") }
  private func path(_ name: String) -> String { out.appending(path: name).path }
  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  private func export(
    _ collection: PassageCollection, _ set: (inout ExportOptions) -> Void = { _ in }
  ) throws -> ExportSummary {
    var options = ExportOptions()
    set(&options)
    return try collection.export(to: out, options: options)
  }

  private func other(_ name: String = "other.freshet") throws -> PassageCollection {
    try PassageCollection.create(world.folder.url.appending(path: name))
  }

  private func importing(
    into collection: PassageCollection, by encoder: TextEncoder? = nil, index: String? = nil
  ) throws -> ImportSummary {
    try collection.importVectors(ImportFolder(out, encoder: encoder ?? world.a), index: index)
  }

  private func answers(_ collection: PassageCollection) throws -> [[String]] {
    try toyTexts(20, seed: 9).map { text in
      try collection.search(text, k: 7).hits.map { "\($0.id) \($0.score) \($0.title)" }
    }
  }

  @Test(arguments: VectorFileFormat.allCases)
  func whatWentOutComesInAndIsFoundAlike(format: VectorFileFormat) throws {
    let collection = try world.create()
    try collection.add([
      Passage(id: "a\"b", title: "A title", text: "river stone\u{2028}cloud", metadata: #"{"n":1}"#)
    ] + toyPassages(60))
    try collection.encode(with: world.a)
    let summary = try export(collection) { ($0.vectors, $0.index) = (format, true) }
    #expect(summary.passages == 61 && summary.pending == 0 && summary.index == "Flat")
    let copy = try other()
    let taken = try importing(into: copy)
    #expect(taken.added == 61 && taken.vectors == 61 && taken.pending == 0)
    #expect(taken.index == "Flat" && taken.indexImported)
    #expect(try answers(copy) == answers(collection))
    #expect(try copy.search("river", k: 61).hits.first { $0.id == "a\"b" }?.title == "A title")
    var scope = SearchOptions()
    scope.filter = try PassageFilter(parsing: "n = 1")
    let filtered = try copy.search("lamp", k: 5, options: scope)
    #expect(filtered.hits.map(\.id) == ["a\"b"])
    for finding in try copy.verify() { #expect(finding.ok, "\(finding)") }
    // Nothing is left to encode, and what is exported again is the same.
    #expect(try copy.encode(with: world.a).newlyEncoded == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: path("corpus.\(format.rawValue)")))
    freshetError(.badInput, "index.faiss is of another export") {
      _ = try export(copy) { $0.vectors = format }
    }
    _ = try export(copy) { ($0.vectors, $0.index) = (format, true) }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path("corpus.\(format.rawValue)"))) == before)
  }

  @Test func deletedAndPendingPassagesStayAtHome() throws {
    let collection = try world.encoded(60)
    try collection.index("HNSW8")
    try collection.delete(ids: ["p3", "p40"])
    try collection.add([Passage(id: "p7", text: "early bread"), Passage(id: "new", text: "lamp")])
    let summary = try export(collection) { $0.index = true }
    #expect(summary.passages == 57 && summary.pending == 2)
    let ids = try text("corpus.ids.txt").split(separator: "\n").map(String.init)
    let gone: Set = ["p3", "p7", "p40"]
    #expect(ids == (0..<60).map { "p\($0)" }.filter { !gone.contains($0) })
    #expect(try text("corpus.jsonl").split(separator: "\n").count == 57)
    let vectors = try VectorFile(path: path("corpus.npy")).all()
    #expect(vectors.rows == 57)
    // The index has the numbers of the exported rows, not of the collection's.
    let index = try FaissIndex.load(from: path("index.faiss"))
    #expect(index.count == 57)
    for row in [0, 5, 56] {
      #expect(try index.search(vectors[rows: row..<row + 1], k: 1)[0][0].row == row)
    }
  }

  @Test(arguments: ["IVF4,Flat", "SQ8", "PCA8,Flat", "IVF4,PQ8x4fs"])
  func indexesOfOtherKindsComeInAgain(recipe: String) throws {
    let collection = try world.encoded(300)
    try collection.index(recipe)
    #expect(try export(collection) { $0.index = true }.index == recipe)
    let copy = try other()
    let summary = try importing(into: copy)
    #expect(summary.index == recipe && summary.indexImported)
    #expect(try copy.status().index?.recipe == recipe)
    #expect(try answers(copy) == answers(collection))
    // A handle that reads it from the file.
    let reopened = try PassageCollection.open(world.folder.url.appending(path: "other.freshet"))
    #expect(try answers(reopened) == answers(collection))
  }

  @Test(arguments: [30, 300]) func anIndexInAnotherOrderIsRefused(passages: Int) throws {
    _ = try export(world.encoded(passages)) { $0.index = true }
    let vectors = try VectorFile(path: path("corpus.npy")).all()
    for recipe in ["Flat", "HNSW8", "IVF4,PQ8"] where passages > 30 || recipe != "IVF4,PQ8" {
      try FaissIndex.build(
        .faiss(recipe), vectors: vectors.gathering((0..<passages).reversed()), seed: 0
      ).save(to: path("index.faiss"))
      freshetError(.badInput, "index.faiss: finds", "of the vectors under their row") {
        _ = try importing(into: other("\(recipe).freshet"))
      }
    }
  }

  @Test func anotherGenerationIsWrittenWhenAskedFor() throws {
    let collection = try world.encoded(30)
    try collection.encode(with: world.b)
    _ = try export(collection) { $0.generation = 0 }
    #expect(try VectorFile(path: path("corpus.npy")).all().elements == world.vectors(0, rows: 30))
    freshetError(.badInput, "there is no generation 7; there are: 0, 1") {
      _ = try export(collection) { $0.generation = 7 }
    }
  }

  @Test func vectorsOfPassagesThatAreHereNeedNoTexts() throws {
    _ = try export(world.encoded(40))
    try FileManager.default.removeItem(atPath: path("corpus.jsonl"))
    let copy = try other()
    freshetError(.badInput, "the passage \"p0\" is not in", "give its text") {
      _ = try importing(into: copy)
    }
    // In another order, and more of them: the others wait.
    try copy.add(toyPassages(45).reversed())
    let summary = try importing(into: copy)
    #expect(summary.added == 0 && summary.pending == 5 && !summary.indexImported)
    for n in [0, 17, 39] {
      let text = toyTexts(40)[n]
      #expect(try copy.search(text, k: 1).hits.first?.id == "p\(n)")
    }
    let found = try copy.search("river", k: 45).hits.map(\.id)
    #expect(Set(found) == Set((0..<40).map { "p\($0)" }))
    #expect(try copy.encode(with: world.a).newlyEncoded == 5)
    #expect(try copy.search("river", k: 45).hits.count == 45)
  }

  @Test func embeddingsOfTheSameEncoderAreKept() throws {
    let collection = try world.encoded(30)
    _ = try export(collection)
    let copy = try other()
    try copy.add([Passage(id: "own", text: "silver orange window")])
    try copy.encode(with: world.a)
    let summary = try importing(into: copy)
    #expect(summary.pending == 0)
    #expect(try copy.search("silver orange window", k: 1).hits.first?.id == "own")
  }

  @Test func vectorsOfAnotherEncoderAreRefusedAndNothingChanges() throws {
    let collection = try world.encoded(30)
    _ = try export(collection)
    let copy = try other()
    freshetError(.wrongEncoder, "the vectors are of the encoder \(world.a.fingerprint.prefix(12))") {
      _ = try importing(into: copy, by: world.b)
    }
    try FileManager.default.removeItem(atPath: path("corpus.lineage.jsonl"))
    freshetError(.wrongEncoder, "corpus.npy: the vectors are not what the encoder gives", "cosine") {
      _ = try importing(into: copy, by: world.b)
    }
    let vectors = try VectorFile(path: path("corpus.npy")).all()
    try VectorFile.write(
      Matrix(rows: 30, columns: vectors.columns, elements: vectors.elements.map { 2 * $0 }),
      to: path("corpus.npy"))
    freshetError(.wrongEncoder, "the cosine is 1.000 on average and the given vectors' length 2.000") {
      _ = try importing(into: copy)
    }
    try VectorFile.write(.normal(30, 5, seed: 1), to: path("corpus.npy"))
    freshetError(.wrongEncoder, "has 5 dimensions, the encoder gives 24") {
      _ = try importing(into: copy)
    }
    #expect(try copy.passageCount == 0)
  }

  @Test func whatACorrectorMadeIsKnownToBeCorrected() throws {
    let collection = try world.encoded(120)
    var options = quickRefresh
    options.sample = .count(60)
    try collection.refresh(to: world.b, options: options)
    try collection.add([Passage(id: "late", text: "early bread lamp")])
    try collection.encode(with: world.b)
    let before = try collection.status()
    let active = try #require(before.generations.first { $0.id == before.active })
    #expect(active.corrected > 0 && active.encoded > 0)
    _ = try export(collection)
    let copy = try other()
    let summary = try importing(into: copy, by: world.b)
    #expect(summary.corrected == active.corrected && summary.pending == 0)
    func hits(_ collection: PassageCollection) throws -> [SearchHit] {
      try collection.search("river stone", k: 121).hits
    }
    #expect(try hits(copy) == hits(collection))
    #expect(try hits(copy).contains { $0.predictedError != nil })
    freshetError(.wrongEncoder, "the given one is \(world.a.fingerprint.prefix(12))") {
      _ = try importing(into: copy, by: world.a)
    }
    // What is corrected is encoded when it is asked for, as in the collection it came from.
    try copy.continueRefresh()
    #expect(try copy.status().generations.last?.corrected == 0)
  }

  @Test func aDamagedLineageIsNamed() throws {
    _ = try export(world.encoded(30))
    let copy = try other()
    let lines = try text("corpus.lineage.jsonl").split(separator: "\n").map(String.init)
    func write(_ lines: [String]) throws {
      try Data(lines.map { $0 + "\n" }.joined().utf8)
        .write(to: URL(fileURLWithPath: path("corpus.lineage.jsonl")))
    }
    try write(Array(lines.dropLast()))
    freshetError(.badInput, "has 29 rows, its first line says 30") {
      _ = try importing(into: copy)
    }
    try write(lines[..<4] + [#"{"provenance":"guessed"}"#] + lines[5...])
    freshetError(.badInput, "corpus.lineage.jsonl:5", "no line of an export's lineage") {
      _ = try importing(into: copy)
    }
    try write([])
    freshetError(.badInput, "corpus.lineage.jsonl: is empty") { _ = try importing(into: copy) }
    try write([lines[0].replacing("30", with: "29")] + lines[2...])
    freshetError(.badInput, "is of 29 vectors, ", "corpus.npy has 30") {
      _ = try importing(into: copy)
    }
    #expect(try copy.passageCount == 0)
  }

  @Test func filesThatDoNotBelongTogetherAreRefused() throws {
    _ = try export(world.encoded(30)) { $0.index = true }
    let copy = try other()
    // An index of the same vectors in another order.
    let vectors = try VectorFile(path: path("corpus.npy")).all()
    try FaissIndex.build(
      .faiss("HNSW8"), vectors: vectors.gathering((0..<30).reversed()), seed: 0
    ).save(to: path("index.faiss"))
    freshetError(.badInput, "index.faiss: finds", "of the vectors under their row") {
      _ = try importing(into: copy)
    }
    #expect(try importing(into: copy, index: "HNSW4").index == "HNSW4")
    let lines = try text("corpus.jsonl")
    try Data(lines.utf8.dropLast(30)).write(to: URL(fileURLWithPath: path("corpus.jsonl")))
    freshetError(.badInput, "corpus.jsonl:30") { _ = try importing(into: copy) }
    try Data(lines.split(separator: "\n").dropLast().joined(separator: "\n").utf8)
      .write(to: URL(fileURLWithPath: path("corpus.jsonl")))
    freshetError(.badInput, "corpus.jsonl has 29 records", "30 rows") {
      _ = try importing(into: copy)
    }
    try FileManager.default.removeItem(atPath: path("corpus.npy"))
    freshetError(.badInput, "corpus.npy: no such file") { _ = try importing(into: copy) }
  }

  @Test func aStoppedOrOvertakenExportLeavesNoVectors() throws {
    let collection = try world.encoded(30)
    freshetError(.interrupted, "is not whole; run it again") {
      try collection.export(to: out, shouldStop: { true })
    }
    freshetError(.interrupted, "passages changed while they were exported") {
      try collection.export(
        to: out,
        progress: { _ in _ = try? collection.add([Passage(id: "p3", text: "other words")]) })
    }
    #expect(!FileManager.default.fileExists(atPath: path("corpus.npy")))
    #expect(try export(collection).passages == 29)
    // The vectors of that one must not stand beside the texts of a later one.
    freshetError(.interrupted, "passages changed while they were exported") {
      try collection.export(
        to: out,
        progress: { _ in _ = try? collection.add([Passage(id: "p4", text: "other words")]) })
    }
    freshetError(.badInput, "corpus.npy: no such file") {
      _ = try importing(into: other())
    }
  }

  @Test func anInterruptedImportChangesNoSearch() throws {
    _ = try export(world.encoded(30))
    let copy = try other()
    try copy.add([Passage(id: "own", text: "silver orange window")])
    try copy.encode(with: world.a)
    let given = try ImportFolder(out, encoder: world.a)
    freshetError(.interrupted, "stopped") {
      _ = try copy.importVectors(given, shouldStop: { true })
    }
    #expect(try copy.search("river", k: 9).hits.map(\.id) == ["own"])
    #expect(try copy.importVectors(given).pending == 0)
  }

  @Test(.enabled(if: python != nil, "set FRESHET_PYTHON to a Python that has faiss"))
  func pythonsFaissReadsTheIndexAndOursReadsPythons() throws {
    let python = try #require(python)
    let collection = try world.encoded(60)
    try collection.index("HNSW8")
    _ = try export(collection) { $0.index = true }
    let script = """
      import sys, faiss, numpy
      folder = sys.argv[1]
      vectors = numpy.load(folder + '/corpus.npy')
      index = faiss.read_index(folder + '/index.faiss')
      index.hnsw.efSearch = 64
      found = index.search(vectors, 1)[1][:, 0]
      print(index.ntotal, (found == numpy.arange(len(vectors))).all())
      made = faiss.index_factory(vectors.shape[1], 'HNSW16', faiss.METRIC_INNER_PRODUCT)
      made.add(vectors)
      faiss.write_index(made, folder + '/index.faiss')
      """
    let said = try runPython(python, script, [out.path])
    #expect(said.hasPrefix("60 True"), "\(said)")
    let copy = try other()
    let summary = try importing(into: copy)
    #expect(summary.indexImported && summary.index == "HNSW16")
    #expect(try answers(copy) == answers(collection))
  }
}

private let python = TestSupport.python(with: "faiss")
