import Foundation
import Freshet
import TestSupport
import Testing

/// The example of README.md runs, and stands there as it runs here.
@Suite struct ReadmeTests {
  /// The lines between the markers of ReadmeExample.swift.
  private func example() throws -> String {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "ReadmeExample.swift")
    let lines = try String(contentsOf: file, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex(of: "// README-BEGIN"))
    let end = try #require(lines.firstIndex(of: "// README-END"))
    return lines[(start + 1)..<end].joined(separator: "\n")
  }

  @Test func theExampleStandsInTheReadme() throws {
    let root = fixtures.deletingLastPathComponent().deletingLastPathComponent()
    let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    #expect(
      readme.contains("```swift\n\(try example())\n```"),
      "paste the lines between the markers of ReadmeExample.swift into README.md")
  }

  @Test func theExampleRuns() throws {
    let folder = try TemporaryFolder()
    let data = folder.url.appending(path: "data")
    let corpus = try writeToyCorpus(in: data)
    let work = folder.url.appending(path: "work")
    try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
    let model = fixtures.appending(path: "training/encoder")
    try story(model: model, data: data, work: work)
    // Where it ends: rolled back to what encoder A made, with B's generation kept.
    let collection = try PassageCollection.open(work.appending(path: "my.freshet"))
    let status = try collection.status()
    let (a, b) = (
      try TextEncoder(folder: model), try TextEncoder(folder: work.appending(path: "encoder-b"))
    )
    #expect(a.fingerprint != b.fingerprint)
    #expect(status.active == 0)
    #expect(status.generations.map(\.encoder) == [a.fingerprint, b.fingerprint])
    #expect(status.generations.map(\.corrected) == [0, corpus.count])
    #expect(try collection.search(corpus[7], k: 1).hits[0].id == "p7")
    #expect(try NegativesRecord.read(work.appending(path: "negatives.jsonl")).count == 40)
    #expect(try collection.verify().filter { !$0.ok } == [])
  }

  /// 120 passages of words the small encoder knows, and 40 queries.
  private func writeToyCorpus(in folder: URL) throws -> [String] {
    let words = [
      "river", "stone", "cloud", "lamp", "bread", "green", "quiet", "early", "north", "music",
      "paper", "engine", "garden", "winter", "bridge", "letter",
    ]
    let texts: [String] = (0..<120).map { i in
      let places: [Int] = [i % 16, i / 16, (i * 7 + 3) % 16, (i * 5 + i / 9) % 16]
      return places.map { words[$0] }.joined(separator: " ")
    }
    let corpus = texts.enumerated().map { #"{"_id":"p\#($0)","text":"\#($1)"}"# }
    let queries = texts.prefix(40).enumerated().map { i, text in
      let start = text.split(separator: " ").prefix(3).joined(separator: " ")
      return #"{"_id":"q\#(i)","text":"\#(start)"}"#
    }
    let qrels = ["query-id\tcorpus-id\tscore"] + (0..<40).map { "q\($0)\tp\($0)\t1" }
    try FileManager.default.createDirectory(
      at: folder.appending(path: "qrels"), withIntermediateDirectories: true)
    for (name, lines) in [
      ("corpus.jsonl", corpus), ("queries.jsonl", queries), ("qrels/train.tsv", qrels),
    ] {
      try lines.joined(separator: "\n").write(
        to: folder.appending(path: name), atomically: false, encoding: .utf8)
    }
    return texts
  }
}
