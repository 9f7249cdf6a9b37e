import Foundation
import TestSupport
import Testing

@testable import Freshet

/// Files of passages, queries and texts, good and bad.
@Suite struct ReadingTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func passages(_ text: String, _ name: String) throws -> [Passage] {
    var reader = try PassageReader(path: try folder.write(text, to: name))
    var passages: [Passage] = []
    while let passage = try reader.next() { passages.append(passage) }
    return passages
  }

  @Test func jsonLinesOfAllKindsAreRead() throws {
    let text = """
      {"_id":"a","title":"T","text":"one","metadata":{"b":1,"a":[2]}}

      {"id":7,"contents":"two"}
      {"docid":"c","text":"\\u00fc \\n","title":""}
      """
    #expect(
      try passages("\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n"), "p.jsonl") == [
        Passage(id: "a", title: "T", text: "one", metadata: #"{"a":[2],"b":1}"#),
        Passage(id: "7", text: "two"), Passage(id: "c", text: "ü \n"),
      ])
  }

  @Test func tabSeparatedLinesAreRead() throws {
    let expected = [Passage(id: "a", text: "one"), Passage(id: "b", title: "T", text: "two")]
    #expect(try passages("a\tone\nb\ttwo\tT\n", "p.tsv") == expected)
    #expect(try passages("id\ttext\ttitle\na\tone\nb\ttwo\tT", "q.tsv") == expected)
  }

  @Test(arguments: [
    ("{\"_id\":\"a\",\"text\":\"x\"}\n{\"_id\":\"b\",\n", "p.jsonl", ":2: not valid JSON"),
    ("{\"_id\":\"a\",\"text\":\"x\"}\n\n[1]\n", "p.jsonl", ":3: a JSON object was expected"),
    ("{\"text\":\"x\"}\n", "p.jsonl", ":1: no \"_id\""),
    ("{\"_id\":\"a\"}\n", "p.jsonl", ":1: no \"text\""),
    ("{\"_id\":\"\",\"text\":\"x\"}\n", "p.jsonl", ":1: the id is empty"),
    ("{\"_id\":\"a\",\"text\":null}\n", "p.jsonl", ":1: no \"text\""),
    ("a\tone\nb\n", "p.tsv", ":2: 1 tab-separated fields"),
    ("a\tone\nb\tc\td\te\n", "p.tsv", ":2: 4 tab-separated fields"),
    ("nonsense\n", "p.jsonl", ":1: not valid JSON"),
  ])
  func badLinesAreNamed(text: String, name: String, words: String) throws {
    freshetError(.badInput, folder.path(name) + words) { _ = try passages(text, name) }
    let collection = try PassageCollection.create(folder.url.appending(path: "c"))
    freshetError(.badInput, folder.path(name) + words) {
      try collection.add(contentsOf: folder.path(name))
    }
    #expect(try collection.passageCount == 0)
  }

  @Test func textThatIsNotUTF8IsNamed() throws {
    let bytes = Data("{\"_id\":\"a\",\"text\":\"x\"}\n".utf8) + Data([0x22, 0xFF, 0xFE, 0x0A])
    try bytes.write(to: URL(fileURLWithPath: folder.path("p.jsonl")))
    freshetError(.badInput, "p.jsonl:2", "UTF-8") {
      var reader = try PassageReader(path: folder.path("p.jsonl"))
      while try reader.next() != nil {}
    }
  }

  @Test func missingFilesAndFoldersAreNamed() {
    freshetError(.badInput, "/nowhere.jsonl: No such file") {
      _ = try PassageReader(path: "/nowhere.jsonl")
    }
    freshetError(.badInput, folder.url.path, "is a folder") {
      _ = try PassageReader(path: folder.url.path)
    }
  }

  @Test func anIDThatStandsTwiceIsNamedWithBothLinesAndNothingIsAdded() throws {
    let file = try folder.write(
      "{\"_id\":\"a\",\"text\":\"x\"}\n{\"_id\":\"b\",\"text\":\"y\"}\n\n"
        + "{\"_id\":\"a\",\"text\":\"z\"}\n",
      to: "twice.jsonl")
    let collection = try PassageCollection.create(folder.url.appending(path: "c"))
    freshetError(.badInput, "twice.jsonl:4", "\"a\"", "line 1") {
      try collection.add(contentsOf: file)
    }
    #expect(try collection.passageCount == 0)
  }

  @Test func queriesAreReadAndBadOnesNamed() throws {
    let good = try folder.write(
      "{\"_id\":\"a\",\"text\":\"x\"}\n{\"id\":2,\"text\":\"y\"}\n", to: "q.jsonl")
    #expect(try Query.read(path: good) == [Query(id: "a", text: "x"), Query(id: "2", text: "y")])
    let tabs = try folder.write("a\tx\nb\ty\n", to: "q.tsv")
    #expect(try Query.read(path: tabs) == [Query(id: "a", text: "x"), Query(id: "b", text: "y")])
    let twice = try folder.write("a\tx\na\ty\n", to: "t.tsv")
    freshetError(.badInput, "t.tsv:2", "\"a\"") { _ = try Query.read(path: twice) }
  }

  @Test func textsAreStringsOrObjects() throws {
    let file = try folder.write(
      "\"one\"\n{\"text\":\"two\"}\n{\"title\":\"T\",\"text\":\"three\"}\n\n\"\"\n", to: "t.jsonl")
    #expect(try TextList.read(path: file) == ["one", "two", "T three", ""])
    let bad = try folder.write("\"one\"\n\"two\n", to: "bad.jsonl")
    freshetError(.badInput, "bad.jsonl:2", "not a JSON string") { _ = try TextList.read(path: bad) }
  }

  @Test func aLineLongerThanABlockIsOneLine() throws {
    let long = String(repeating: "word ", count: 200_000)
    let found = try passages("a\t\(long)\nb\tshort\n", "long.tsv")
    #expect(found.map(\.text.count) == [1_000_000, 5])
  }

  @Test(arguments: [0, 1, 3, 17]) func numpyFilesAreWritten(rows: Int) throws {
    let matrix = Matrix.normal(rows, 5, seed: 1)
    try VectorFile.write(matrix, to: folder.path("m.npy"))
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("m.npy")))
    #expect(Array(data.prefix(8)) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
    let length = Int(data[8]) + Int(data[9]) << 8
    #expect((10 + length) % 64 == 0)
    let header = String(decoding: data[10..<10 + length], as: UTF8.self)
    #expect(header.contains("'<f4'") && header.contains("(\(rows), 5)") && header.hasSuffix("\n"))
    #expect(data.count == 10 + length + rows * 20)
    let floats = data[(10 + length)...].withUnsafeBytes { bytes in
      (0..<rows * 5).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
    #expect(floats == matrix.elements)
  }
}
