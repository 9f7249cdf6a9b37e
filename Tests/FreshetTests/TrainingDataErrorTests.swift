import Foundation
import TestSupport
import Testing

@testable import Freshet

/// Files that are not what they should be: file and line are named, and what was expected.
@Suite struct TrainingDataErrorTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// A good row of each format that lines make up.
  private static let good: [TrainingDataFormat: String] = [
    .dpr: #"{"question":"q","positive_ctxs":[{"passage_id":"1","text":"x"}]}"#,
    .sentenceTransformers: #"{"anchor":"q","positive":"x","negative":"y"}"#,
    .flagEmbedding: #"{"query":"q","pos":["x"],"neg":["y"]}"#,
    .tevatron: #"{"query_id":"1","query":"q","positive_passages":[{"docid":"1","text":"x"}]}"#,
  ]

  @Test(arguments: [
    (TrainingDataFormat.dpr, #"{"positive_ctxs":[{"text":"x"}]}"#, "no \"question\""),
    (.dpr, #"{"question":"q"}"#, "no \"positive_ctxs\" (the keys are \"question\")"),
    (.dpr, #"{"question":7,"positive_ctxs":[{"text":"x"}]}"#, "\"question\" is a number"),
    (.dpr, #"{"question":" ","positive_ctxs":[{"text":"x"}]}"#, "the query is empty"),
    (.dpr, #"{"question":"q","positive_ctxs":{}}"#, "\"positive_ctxs\" is an object, a list was"),
    (.dpr, #"{"question":"q","positive_ctxs":[7]}"#, "\"positive_ctxs\" holds a number"),
    (.dpr, #"{"question":"q","positive_ctxs":[{"title":"x"}]}"#, "no \"text\""),
    (.dpr, #"{"question":"q","positive_ctxs":[{"text":""}]}"#, "a passage is empty"),
    (.dpr, #"{"question":"q","positive_ctxs":[{"text":"z","title":[]}]}"#, "\"title\" is a list"),
    (.dpr, #"{"question":"q","positive_ctxs":[{"text":"z","psg_id":""}]}"#, "\"psg_id\" is empty"),
    (
      .dpr, #"{"question":"q","positive_ctxs":[{"text":"z","passage_id":"1"}]}"#,
      "the passage \"1\" has another text here"
    ),
    (.dpr, #"["q"]"#, "a list, a JSON object was expected"),
    (.sentenceTransformers, #"{"anchor":"q"}"#, "an anchor and a positive were expected"),
    (.sentenceTransformers, #"{"anchor":"q","positive":7}"#, "\"positive\" is a number"),
    (.sentenceTransformers, #"{"anchor":null,"positive":"x"}"#, "no \"anchor\""),
    (.sentenceTransformers, #"{"anchor":"","positive":"x"}"#, "the query is empty"),
    (.sentenceTransformers, #"{"anchor":"q","positive":""}"#, "a passage is empty"),
    (.sentenceTransformers, #"{"anchor":"q","positive":[]}"#, "no positive"),
    (.sentenceTransformers, #"{"anchor":"q","positive":"x","negative":{}}"#, "is an object"),
    (.sentenceTransformers, #"{"anchor":"q","positive":"x","label":0}"#, "\"label\" is not 1"),
    (.sentenceTransformers, #"{"sentence1":"q","sentence2":"x","score":0.5}"#, "\"score\" is not"),
    (.sentenceTransformers, #"{"anchor":"q","positive":["x"],"labels":[1,0]}"#, "2 \"labels\" for"),
    (.sentenceTransformers, #"{"anchor":"q","positive":["x"],"labels":[0]}"#, "no positive"),
    (.sentenceTransformers, #"{"anchor":"q","positive":["x"],"labels":["a"]}"#, "holds a string"),
    (.sentenceTransformers, #"["q"]"#, "1 texts in the list"),
    (.sentenceTransformers, #"["q",7]"#, "is a number, a string was expected"),
    (.flagEmbedding, #"{"pos":["x"]}"#, "no \"query\" (the keys are \"pos\")"),
    (.flagEmbedding, #"{"query":"q","neg":["x"]}"#, "no \"pos\""),
    (.flagEmbedding, #"{"query":["q"],"pos":["x"]}"#, "\"query\" is a list"),
    (.flagEmbedding, #"{"query":"q","pos":"x"}"#, "\"pos\" is a string, a list was expected"),
    (.flagEmbedding, #"{"query":"q","pos":[["x"]]}"#, "is a list, a string was expected"),
    (.flagEmbedding, #"{"query":"q","pos":[]}"#, "no positive"),
    (.flagEmbedding, #"{"query":"","pos":["x"]}"#, "the query is empty"),
    (.flagEmbedding, #"{"query":"q","pos":["x"],"neg":["\n"]}"#, "a passage is empty"),
    (.flagEmbedding, #""q""#, "a string, a JSON object was expected"),
    (.tevatron, #"{"query_id":"2","query":"q"}"#, "no \"positive_passages\""),
    (.tevatron, #"{"query_id":"2","positive_passages":[{"text":"x"}]}"#, "no \"query\""),
    (.tevatron, #"{"query_id":"2","query":"q","positive_passages":[]}"#, "no positive"),
    (.tevatron, #"{"query_id":[],"query":"q","positive_passages":[]}"#, "\"query_id\" is a list"),
    (
      .tevatron, #"{"query_id":"1","query":"r","positive_passages":[{"docid":"1","text":"x"}]}"#,
      "the query \"1\" has another text here than on line 1"
    ),
    (
      .tevatron, #"{"query_id":"2","query":"q","positive_passages":[{"docid":"1","text":"z"}]}"#,
      "the passage \"1\" has another text"
    ),
    (
      .tevatron, #"{"query_id":"2","query":"q","positive_document_ids":["1"]}"#,
      "rows before hold them"
    ),
    (.tevatron, #"{"query":"q","positive_passages":[{"docid":true,"text":"x"}]}"#, "true or false"),
  ])
  func badRowsAreNamed(format: TrainingDataFormat, row: String, words: String) throws {
    let good = try #require(Self.good[format])
    _ = try TrainingData(path: try folder.write(good + "\n", to: "good.jsonl"))
    let path = try folder.write("\(good)\n\n\(row)\n\(good)\n", to: "rows.jsonl")
    freshetError(.badInput, path + ":3: ", words) { _ = try TrainingData(path: path) }
    let list = try folder.write("[\(good),\n\n\n\(row)]", to: "rows.json")
    freshetError(.badInput, list + ": record 2 (line 4): ", words) {
      _ = try TrainingData(path: list, format: format)
    }
  }

  @Test(arguments: [
    (#"{"query":"q","pos":["x"]"#, "not valid JSON"), ("nonsense", "not valid JSON"),
    (#"{"query":"q","pos":["x"]} x"#, "something follows"),
    (#"{"query":"q","pos":["x\ud83d"]}"#, "surrogate"), (#"{"query":"q""#, "not valid JSON"),
  ])
  func textThatIsNotJSONIsNamed(row: String, words: String) throws {
    let good = #"{"query":"q","pos":["x"]}"#
    for end in ["", "\n", "\r\n", "\n\(good)\n"] {
      let path = try folder.write("\(good)\n\(row)\(end)", to: "rows.jsonl")
      freshetError(.badInput, path + ":2: ", words) { _ = try TrainingData(path: path) }
    }
  }

  @Test func bytesThatAreNotUTF8AreNamed() throws {
    let path = folder.path("rows.jsonl")
    let bytes = Data(#"{"query":"q","pos":["x"]}"#.utf8) + [0x0A] + Data(#"{"query":"q"#.utf8)
      + [0xC3, 0x28] + Data(#"","pos":["x"]}"#.utf8)
    try bytes.write(to: URL(fileURLWithPath: path))
    freshetError(.badInput, path + ":2: ", "UTF-8") { _ = try TrainingData(path: path) }
  }

  @Test(arguments: [
    ("", FreshetError.Code.empty, "no query with a positive"),
    (" \r\n\n\t\n", .empty, "no query with a positive"), ("[]", .empty, "no query with a positive"),
    ("\u{FEFF}", .empty, "no query with a positive"),
    (#"[{"question":"q","positive_ctxs":[]}]"#, .empty, "no query with a positive"),
    (#"[{"question":"q","positive_ctxs":[{"te"#, .badInput, "record 1 (line 1): the file ends"),
    (#"[{"question":"q","positive_ctxs":[{"text":"x"}]}"#, .badInput, "record 1 (line 1): the"),
    (#"[{"question":"q","positive_ctxs":[{"text":"x"}]},"#, .badInput, "record 2 (line 1): the"),
    (#"[{"question":"q","positive_ctxs":[{"text":"x"}]},]"#, .badInput, "record 2 (line 1): not"),
    (#"[{"question":"q","positive_ctxs":[{"text":"x"}]}]"# + "\n\n7", .badInput, ":3: something"),
    ("[", .badInput, "the file ends"), ("[7]", .badInput, "a number"),
    (#"{"_id":"1","text":"x"}"#, .badInput, "give the BEIR folder"),
    (#"{"query_id":"1","query":"q","positive_ids":[],"negatives":[]}"#, .badInput, "mined"),
    (#"{"a":1,"b":2}"#, .badInput, #"the keys "a", "b" are of no format"#),
    (#"{"query":"q","text":"x"}"#, .badInput, #"flag-embedding ("query", "pos", "neg")"#),
  ])
  func filesThatAreNoneAreNamed(text: String, code: FreshetError.Code, words: String) throws {
    let path = try folder.write(text, to: "rows.json")
    freshetError(code, path, words) { _ = try TrainingData(path: path) }
  }

  @Test func filesThatCannotBeOpenedAreNamed() throws {
    freshetError(.badInput, "/nowhere.jsonl: No such file") {
      _ = try TrainingData(path: "/nowhere.jsonl")
    }
    freshetError(.badInput, folder.url.path, "is a folder") {
      _ = try TrainingData(path: folder.url.path, format: .dpr)
    }
    let path = try folder.write(#"{"query":"q","pos":["x"]}"#, to: "rows.jsonl")
    freshetError(.badInput, path, "BEIR folder") {
      _ = try TrainingData(path: path, negatives: path)
    }
    let packed = try compress(path)
    freshetError(.badInput, packed, "cannot be written into /nowhere (No such file") {
      _ = try TrainingData(path: packed, temporaryFolder: URL(fileURLWithPath: "/nowhere"))
    }
  }
}
