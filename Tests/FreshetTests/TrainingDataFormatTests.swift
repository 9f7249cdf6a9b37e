import Foundation
import TestSupport
import Testing

@testable import Freshet

/// The same pairs from every format.
@Suite struct TrainingDataFormatTests {
  let folder: TemporaryFolder
  let small = SmallData()
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: SmallData.Layout.allCases)
  func everyFormatIsRecognisedAndMeansTheSame(layout: SmallData.Layout) throws {
    let data = try small.open(layout, at: try small.write(layout, to: folder))
    #expect(data.format == layout.format)
    #expect(data.notes == [])
    let found = try data.meanings()
    #expect(found.count == small.meanings.count)
    for (found, expected) in zip(found, small.meanings) { #expect(found == expected) }
  }

  @Test(arguments: SmallData.Layout.allCases)
  func compressedFilesAreReadAsWell(layout: SmallData.Layout) throws {
    let path = try small.write(layout, to: folder)
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.url.path)
      .map { folder.path($0) }.filter { !DataFolder.isFolder($0) }
    for file in files { try compress(file) }
    let data = try small.open(layout, at: path, suffix: ".gz")
    #expect(try data.meanings() == small.meanings)
  }

  @Test(arguments: SmallData.Layout.allCases)
  func numbersOfPositivesAreEqualForEqualPassages(layout: SmallData.Layout) throws {
    let data = try small.open(layout, at: try small.write(layout, to: folder))
    let ids = try (0..<data.count).map { try data.pair(at: $0).positiveID }
    for a in 0..<data.count {
      for b in 0..<data.count {
        #expect((data.positives[a] == data.positives[b]) == (ids[a] == ids[b]))
      }
    }
    #expect(data.positives.allSatisfy { (0..<Int32(data.passageCount)).contains($0) })
  }

  @Test(arguments: [SmallData.Layout.beir, .tevatron, .tevatronIDs, .dpr])
  func idsOfTheDataAreKept(layout: SmallData.Layout) throws {
    let data = try small.open(layout, at: try small.write(layout, to: folder))
    let pair = try data.pair(at: 4)
    #expect(pair.positiveID == "p4")
    #expect(pair.otherPositiveIDs == ["p3", "3"])
    #expect(pair.negativeIDs == ["p0", "p1"])
    if layout != .dpr { #expect(pair.queryID == "q3") }
  }

  @Test func theDigestIsOfThePairsAndNotOfTheFormat() throws {
    func digest(_ layout: SmallData.Layout) throws -> String {
      let folder = try TemporaryFolder()
      return try small.open(layout, at: try small.write(layout, to: folder)).digest
    }
    let beir = try digest(.beir)
    #expect(beir.count == 64)
    #expect(try digest(.tevatron) == beir)
    #expect(try digest(.tevatronIDs) == beir)
    #expect(try digest(.dprLines) == (try digest(.dpr)))
    #expect(try digest(.flagEmbedding) == (try digest(.labelledLists)))
    #expect(try digest(.tuples) == (try digest(.lists)))
  }

  @Test(arguments: [
    (#""which river?""#, #""which rivers?""#), (#""q0""#, #""q00""#), ("baked", "toasted"),
    (#"["p0"]"#, #"["p4"]"#), (#"["3","p3","p4"]"#, #"["p3","3","p4"]"#),
  ])
  func theDigestTellsEveryChange(old: String, new: String) throws {
    let path = try small.write(.tevatronIDs, to: folder)
    let before = try small.open(.tevatronIDs, at: path).digest
    for file in [path, folder.path("corpus.jsonl")] {
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try text.replacingOccurrences(of: old, with: new).write(
        toFile: file, atomically: false, encoding: .utf8)
    }
    #expect(try small.open(.tevatronIDs, at: path).digest != before)
  }

  @Test func withoutIDsTheTextIsTheIdentity() throws {
    let path = try folder.write(
      """
      {"query":"a","pos":["x","y","x"],"neg":["z"]}
      {"query":"b","pos":["y"]}
      {"query":"a","pos":["w"],"neg":["y"],"prompt":"p","pos_scores":[1],"type":"t"}

      """, to: "f.jsonl")
    let data = try TrainingData(path: path)
    // SHA-256 of "x" and of "a", from sha256sum.
    let x = "sha256:2d711642b726b04401627ca9fbac32f5"
    #expect(try data.pair(at: 0).positiveID == x)
    #expect(try data.pair(at: 0).queryID == "sha256:ca978112ca1bbdcafac231b39a23dc4d")
    #expect(try data.text(ofPassage: x) == "x")
    #expect(data.count == 4, "\"x\" stands twice for \"a\" and is one pair")
    #expect(data.positives[1] == data.positives[2])
    #expect(data.passageCount == 4)
    let meanings = try data.meanings()
    #expect(meanings.map(\.others) == [["y", "w"], ["x", "w"], [], ["x", "y"]])
    #expect(meanings.map(\.negatives) == [["z"], ["z"], [], ["y"]])
  }

  @Test func aTextThatIsAnotherPassagesIDIsNotIt() throws {
    let path = try folder.write(
      #"[{"question":"q","positive_ctxs":[{"text":"7"},{"passage_id":7,"text":"seven"}]}]"#,
      to: "d.json")
    let data = try TrainingData(path: path)
    #expect(data.passageCount == 2)
    #expect(try data.meanings().map(\.positive) == ["7", "seven"])
  }

  @Test func hardNegativesKeepTheirOrderAndOthersStandInForThem() throws {
    func contexts(_ numbers: [Int]) -> [Any] {
      numbers.map { ["passage_id": "n\($0)", "title": "t", "text": "text \($0)"] }
    }
    let hard = Array((1...40).reversed())
    let rows: [[String: Any]] = [
      [
        "question": "a", "positive_ctxs": contexts([0]), "hard_negative_ctxs": contexts(hard),
        "negative_ctxs": contexts([50]),
      ],
      ["question": "b", "positive_ctxs": contexts([1]), "negative_ctxs": contexts([52, 51])],
      ["question": "c", "positive_ctxs": contexts([2])],
    ]
    let data = try TrainingData(path: try folder.write(json(rows), to: "d.json"))
    #expect(try data.pair(at: 0).negativeIDs == hard.map { "n\($0)" })
    #expect(try data.pair(at: 1).negativeIDs == ["n52", "n51"])
    #expect(try data.pair(at: 2).negativeIDs == [])
    #expect(try data.text(ofPassage: "n51") == "t text 51")
  }

  @Test func questionsWithoutPositivesAreLeftOutOfDPRAsThereAndSaid() throws {
    let good = #"{"question":"q","positive_ctxs":[{"text":"x"}]}"#
    let bad = #"{"question":"q","positive_ctxs":[]}"#
    let data = try TrainingData(
      path: try folder.write("[\(good),\n\(bad),\(bad)\n]", to: "d.json"))
    #expect(data.count == 1)
    #expect(data.notes.count == 1)
    #expect(data.notes[0].contains("record 2 (line 2)") && data.notes[0].contains("2 in all"))
  }

  @Test func columnsOfOtherNamesAreTakenInOrderWhenTheFormatIsNamed() throws {
    let path = try folder.write(
      #"{"title":"a","body":"b","other":"c","score":1}"# + "\n", to: "s.jsonl")
    freshetError(.badInput, "s.jsonl:1", "\"title\", \"body\"", "tevatron", "dpr") {
      _ = try TrainingData(path: path)
    }
    let data = try TrainingData(path: path, format: .sentenceTransformers)
    #expect(
      try data.meanings() == [
        SmallData.Meaning(query: "a", positive: "b", others: [], negatives: ["c"])
      ])
  }

  @Test func theCorpusMayBeNamed() throws {
    let path = try small.write(.tevatronIDs, to: folder)
    try FileManager.default.moveItem(
      atPath: folder.path("corpus.jsonl"), toPath: folder.path("c.jsonl"))
    freshetError(.badInput, "rows.jsonl:1", "by id", "corpus") { _ = try TrainingData(path: path) }
    let data = try TrainingData(path: path, corpus: folder.path("c.jsonl"))
    #expect(try data.meanings() == small.meanings)
  }
}
