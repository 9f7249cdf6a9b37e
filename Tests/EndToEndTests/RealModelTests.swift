import Foundation
import Freshet
import TestSupport
import Testing

/// all-MiniLM-L6-v2 on real text, against numbers from Python.
@Suite(.enabled(if: realModel != nil, "needs all-MiniLM-L6-v2: run tools/fetch-encoder"))
struct RealModelTests {
  let encoder: TextEncoder
  init() throws { encoder = try TextEncoder(folder: #require(realModel)) }

  /// 100 texts and their embeddings by sentence-transformers in float64, made by
  /// tools/fixtures/minilm_reference.py.
  private func reference() throws -> (texts: [String], embeddings: Matrix) {
    let folder = fixtures.appending(path: "minilm")
    let file = try SafetensorsFile(path: folder.appending(path: "embeddings.safetensors").path)
    let texts = try TextList.read(path: folder.appending(path: "texts.jsonl").path)
    return (texts, try file.matrix("embeddings"))
  }

  @Test func embeddingsEqualPythons() throws {
    let (texts, expected) = try reference()
    #expect(texts.count == 100)
    let found = encoder.encode(texts, as: .passage)
    #expect(found.embeddings.rows == 100 && found.embeddings.columns == 384)
    for (i, text) in texts.enumerated() {
      let difference = largestDifference(found.embeddings.row(i), expected.row(i))
      #expect(difference <= 1e-5, "\(text.prefix(60))")
    }
    #expect(found.truncatedTexts >= 3)
  }

  @Test func embeddingsDoNotDependOnTheBatch() throws {
    let texts = try reference().texts
    let together = encoder.encode(texts, as: .passage).embeddings
    let reversed = encoder.encode(texts.reversed(), as: .passage).embeddings
    for (i, text) in texts.enumerated() {
      let alone = encoder.encode([text], as: .passage).embeddings.row(0)
      #expect(largestDifference(alone, together.row(i)) <= 1e-6, "\(text.prefix(60))")
      #expect(largestDifference(reversed.row(99 - i), together.row(i)) <= 1e-6)
    }
  }

  /// The figure is sentence-transformers' and pytrec_eval's on the same files.
  @Test(.enabled(if: hasTiny, "needs ../shared/data/tiny"))
  func theTinySetScoresAsInPython() throws {
    let folder = try TemporaryFolder()
    let collection = try PassageCollection.create(folder.url.appending(path: "tiny.freshet"))
    let data = sharedData.appending(path: "tiny")
    try collection.add(contentsOf: data.appending(path: "corpus.jsonl").path)
    let summary = try collection.encode(with: encoder)
    #expect(summary.passages == 200)
    let judged = try JudgedQueries(
      queries: data.appending(path: "queries.jsonl").path,
      qrels: data.appending(path: "qrels/test.tsv").path)
    for exact in [true, false] {
      let report = try collection.evaluate(judged, options: SearchOptions(exact: exact)).report
      let ndcg = try #require(report.metrics[.ndcg(10)])
      #expect(abs(ndcg - 0.8861) <= 0.001, "\(ndcg)")
    }
    #expect(try collection.verify().filter { !$0.ok } == [])
  }

  private static let hasTiny = FileManager.default.fileExists(
    atPath: sharedData.appending(path: "tiny/corpus.jsonl").path)
}
