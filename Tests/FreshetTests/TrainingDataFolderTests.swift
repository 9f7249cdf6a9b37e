import Foundation
import TestSupport
import Testing

@testable import Freshet

/// BEIR folders that are not what they should be, and those that may look so.
@Suite struct TrainingDataFolderTests {
  /// A file of the folder.
  enum File: String {
    case corpus = "corpus.jsonl", queries = "queries.jsonl", qrels = "qrels/train.tsv"
    case negatives = "negatives.jsonl"
  }

  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.path("qrels"), withIntermediateDirectories: false)
    try write(#"{"_id":"a","text":"x"}"#, #"{"_id":"b","title":"t","text":"y"}"#, to: .corpus)
    try write(#"{"_id":"q","text":"w"}"#, #"{"_id":"r","text":"v"}"#, to: .queries)
    try write("query-id\tcorpus-id\tscore", "q\ta\t1", "r\tb\t2", to: .qrels)
    try write(#"{"query_id":"q","negatives":[{"id":"b"}]}"#, to: .negatives)
  }

  private func write(_ lines: String..., to file: File) throws {
    try folder.write(lines.map { $0 + "\n" }.joined(), to: file.rawValue)
  }

  private func open() throws -> TrainingData {
    try TrainingData(folder: folder.url.path, negatives: folder.path(File.negatives.rawValue))
  }

  @Test(arguments: [
    (File.corpus, #"{"_id":"a","text":"z"}"#, "the id \"a\" stands twice"),
    (.corpus, #"{"text":"z"}"#, "no \"_id\" (the keys are \"text\")"),
    (.corpus, #"{"_id":"c"}"#, "no \"text\""),
    (.corpus, #"{"_id":"","text":"z"}"#, "\"_id\" is empty"),
    (.corpus, #"{"_id":"c","text":["z"]}"#, "\"text\" is a list, a string was expected"),
    (.corpus, #"{"_id":"c","text":"z""#, "not valid JSON"),
    (.corpus, #""c""#, "a string, a JSON object was expected"),
    (.queries, #"{"_id":"q","text":"w"}"#, "the query id \"q\" stands twice"),
    (.queries, #"{"text":"w"}"#, "no \"_id\""),
    (.queries, #"{"_id":"c","text":"#, "not valid JSON"),
    (.qrels, "q\tzzz\t1", "the passage \"zzz\" is not in"),
    (.qrels, "zzz\ta\t1", "the query is not in"),
    (.qrels, "q\ta\t2", "judged 1 before and 2 here"),
    (.qrels, "q\ta", "2 columns"), (.qrels, "q\tb\tx", "the grade \"x\""),
    (.qrels, "\tb\t1", "an id is empty"),
    (.negatives, #"{"query_id":"r","negatives":[{"id":"zzz"}]}"#, "\"r\" has the negative \"zzz\""),
    (.negatives, #"{"query_id":"q","negatives":[]}"#, "the query \"q\" stands twice"),
    (.negatives, #"{"query_id":"r"}"#, "no \"negatives\""),
    (.negatives, #"{"negatives":[]}"#, "no \"query_id\""),
    (.negatives, #"{"query_id":"r","negatives":["a"]}"#, "a string, a JSON object was expected"),
    (.negatives, #"{"query_id":"r","negatives":[{"rank":1}]}"#, "no \"id\""),
  ])
  func badLinesAreNamed(file: File, line: String, words: String) throws {
    _ = try open()
    let path = folder.path(file.rawValue)
    let before = try String(contentsOfFile: path, encoding: .utf8)
    try folder.write(before + "\n" + line + "\n", to: file.rawValue)
    let number = before.split(separator: "\n").count + 2
    let error = try #require(throws: (any Error).self) { try open() }
    #expect("\(error)".contains("\(path):\(number): "), "\(error)")
    #expect("\(error)".contains(words), "\(error)")
  }

  @Test func anEmptyQueryIsRefusedWhenItIsUsed() throws {
    let lines = #"{"_id":"q","text":"w"}"# + "\n" + #"{"_id":"r","text":" "}"# + "\n"
    try folder.write(lines, to: "queries.jsonl")
    freshetError(.badInput, "queries.jsonl:2: the query is empty") { _ = try open() }
    try write("q\ta\t1", to: .qrels)
    #expect(try open().count == 1)
  }

  @Test func queriesWithoutRelevantPassagesMakeNoPair() throws {
    try write("q\ta\t0", "r\tb\t1", to: .qrels)
    let data = try open()
    #expect(data.count == 1)
    #expect(try data.pair(at: 0).negativeIDs == [], "the negatives of another query")
    try write("q\ta\t0", to: .qrels)
    freshetError(.empty, "\"train\"", folder.url.path) { _ = try open() }
    try write("query-id\tcorpus-id\tscore", to: .qrels)
    freshetError(.empty, "\"train\"") { _ = try open() }
  }

  @Test func judgementsComeInTheirOrderOnceEach() throws {
    try write("r 0 b 1", "q 0 b 1", "r 0 a 1", "q 0 b 1", to: .qrels)
    let data = try open()
    #expect(try (0..<data.count).map { try data.pair(at: $0).positiveID } == ["b", "b", "a"])
    #expect(try data.pair(at: 2).otherPositiveIDs == ["b"])
    #expect(data.passageCount == 2)
  }

  @Test func negativesOfQueriesThatAreNotInTheSplitArePassedOver() throws {
    try write(
      #"{"query_id":"other","negatives":[{"id":"zzz"}]}"#,
      #"{"query_id":"r","negatives":[{"id":"a"},{"id":"b"}]}"#, to: .negatives)
    let data = try open()
    #expect(try data.pair(at: 0).negativeIDs == [])
    #expect(try data.pair(at: 1).negativeIDs == ["a", "b"])
  }

  @Test func anotherSplitMayBeNamed() throws {
    try folder.write("q\tb\t1\n", to: "qrels/dev.tsv")
    let data = try TrainingData(path: folder.url.path, split: "dev")
    #expect(try data.meanings().map(\.positive) == ["t y"])
    freshetError(.badInput, "qrels/test.tsv", "no such file") {
      _ = try TrainingData(path: folder.url.path, split: "test")
    }
  }
}
