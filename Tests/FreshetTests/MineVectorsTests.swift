import Foundation
import Freshet
import TestSupport
import Testing

/// Mining among vectors of a folder.
@Suite struct MineVectorsTests {
  let world: World
  let toy: ToyRetrieval
  init() throws {
    world = try World()
    toy = try ToyRetrieval(in: world.folder, passages: 80)
    let vectors = world.a.encode(toy.passages.map(\.text), as: .passage).embeddings
    try VectorFile.write(vectors, to: path("corpus.npy"))
    let queries = world.a.encode(toy.queries.map(\.text), as: .query).embeddings
    try VectorFile.write(queries, to: path("queries.npy"))
  }

  private func path(_ name: String) -> String { toy.folder.appending(path: name).path }
  private var out: URL { world.folder.url.appending(path: "out") }

  private func mined(
    _ set: (inout MiningOptions) -> Void = { _ in }
  ) throws -> (MiningReport, String) {
    var options = MiningOptions()
    set(&options)
    let report = try mineVectors(
      try VectorFolder(toy.folder, qrels: toy.qrelsFile), options: options, to: out)
    return (report, try String(contentsOf: out, encoding: .utf8))
  }

  @Test func theSameVectorsGiveTheSameNegativesAsACollection() throws {
    let collection = try toy.collection(in: world)
    var options = MiningOptions()
    options.search.exact = true
    options.format = .tevatron
    options.batch = 11
    try collection.mine(try toy.judged(), options: options, to: out)
    let expected = try String(contentsOf: out, encoding: .utf8)
    #expect(try mined { ($0.format, $0.batch) = (.tevatron, 7) }.1 == expected)
    _ = try mined()
    let records = try NegativesRecord.read(out)
    #expect(records.count == 30)
    #expect(records.flatMap(\.negatives).allSatisfy { $0.generation == -1 })
  }

  @Test func idsWithoutTextsWillDoForFormatsWithoutTexts() throws {
    let (_, expected) = try mined { $0.format = .trec }
    for (name, ids) in [("corpus", toy.passages.map(\.id)), ("queries", toy.queries.map(\.id))] {
      try FileManager.default.removeItem(atPath: path(name + ".jsonl"))
      try (ids.joined(separator: "\n") + "\n").write(
        toFile: path(name + ".ids.txt"), atomically: false, encoding: .utf8)
    }
    let (report, text) = try mined { $0.format = .trec }
    #expect(text == expected && report.negatives == 150)
    freshetError(.badInput, "the format triplets, candidates and answers need corpus.jsonl") {
      _ = try mined { $0.format = .triplets }
    }
  }

  @Test func onlyJudgedQueriesAreMinedFor() throws {
    let qrels = try world.folder.write("q7 0 p7 1\nq3 0 p3 1\n", to: "few.tsv")
    var options = MiningOptions()
    options.format = .freshet
    try mineVectors(try VectorFolder(toy.folder, qrels: qrels), options: options, to: out)
    let few = try NegativesRecord.read(out)
    _ = try mined()
    let all = try NegativesRecord.read(out)
    #expect(few.map(\.queryID) == ["q3", "q7"])
    #expect(few[1] == all[7], "with the rows of its own")
  }

  @Test func filesThatDoNotFitAreNamed() throws {
    func fails(_ words: String, qrels: String? = nil) {
      freshetError(.badInput, words) {
        _ = try VectorFolder(toy.folder, qrels: qrels ?? toy.qrelsFile)
      }
    }
    let corpus = try String(contentsOfFile: path("corpus.jsonl"), encoding: .utf8)
    func write(_ text: String) throws {
      try text.write(toFile: path("corpus.jsonl"), atomically: false, encoding: .utf8)
    }
    try write(corpus + #"{"_id":"more","text":"x"}"#)
    fails("corpus.jsonl has 81 records, ")
    try write(corpus + #"{"_id":"p0","text":"x"}"#)
    fails("corpus.jsonl:81: the id \"p0\" stands twice")
    try write(corpus + "{\n")
    fails("corpus.jsonl:81: ")
    try write(corpus)
    let unknown = try world.folder.write("q1 0 p1 1\nq1 0 p99 1\n", to: "unknown.tsv")
    #expect(throws: EvaluationError.self) { try VectorFolder(toy.folder, qrels: unknown) }
    try VectorFile.write(.normal(30, 3, seed: 1), to: path("queries.npy"))
    fails("queries.npy has 3 dimensions, the corpus 24")
    try FileManager.default.removeItem(atPath: path("corpus.jsonl"))
    fails("corpus.jsonl (or .jsonl.gz, or .ids.txt): no such file")
  }
}
