import Foundation
import Freshet
import TestSupport

/// A corpus with judged queries in BEIR layout: query i is the first four words of passage i.
struct ToyRetrieval {
  let folder: URL
  let passages: [Passage]
  let queries: [Query]
  /// Query id to relevant passage ids.
  let relevant: [String: [String]]

  var corpusFile: String { folder.appending(path: "corpus.jsonl").path }
  var queriesFile: String { folder.appending(path: "queries.jsonl").path }
  var qrelsFile: String { folder.appending(path: "qrels/train.tsv").path }

  init(in place: TemporaryFolder, passages count: Int, queries queryCount: Int = 30) throws {
    folder = place.url.appending(path: "toy")
    passages = toyPassages(count)
    queries = (0..<queryCount).map { i in
      let words = toyTexts(count)[i].split(separator: " ")
      return Query(id: "q\(i)", text: words.prefix(4).joined(separator: " "))
    }
    // Every third query has a second answer.
    relevant = Dictionary(
      uniqueKeysWithValues: (0..<queryCount).map { i in
        ("q\(i)", i % 3 == 0 ? ["p\(i)", "p\(i + queryCount)"] : ["p\(i)"])
      })
    try write()
  }

  private func write() throws {
    try FileManager.default.createDirectory(
      at: folder.appending(path: "qrels"), withIntermediateDirectories: true)
    let corpus = passages.map { #"{"_id":"\#($0.id)","title":"","text":"\#($0.text)"}"# }
    let queries = queries.map { #"{"_id":"\#($0.id)","text":"\#($0.text)"}"# }
    let qrels =
      ["query-id\tcorpus-id\tscore"]
      + self.queries.flatMap { query in
        relevant[query.id, default: []].map { "\(query.id)\t\($0)\t1" }
      }
    for (lines, file) in [(corpus, corpusFile), (queries, queriesFile), (qrels, qrelsFile)] {
      try (lines.joined(separator: "\n") + "\n").write(
        toFile: file, atomically: false, encoding: .utf8)
    }
  }

  /// A collection of the corpus, encoded by A.
  func collection(in world: World) throws -> PassageCollection {
    let collection = try world.create()
    try collection.add(contentsOf: corpusFile)
    try collection.encode(with: world.a)
    return collection
  }

  func judged() throws -> JudgedQueries {
    try JudgedQueries(queries: queriesFile, qrels: qrelsFile)
  }
}
