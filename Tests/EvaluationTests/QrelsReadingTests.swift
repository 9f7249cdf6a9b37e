import Evaluation
import Foundation
import Testing

@Suite("reading judgements") struct QrelsReadingTests {
  private static let expected = ["q1": ["d1": 1, "d 2": 0], "q2": ["d1": 2]]

  @Test(
    "BEIR and TREC layouts",
    arguments: [
      "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td 2\t0\nq2\td1\t2\n",
      "query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq1\td 2\t0\r\nq2\td1\t2\r\n",
      "\u{FEFF}query-id\tcorpus-id\tscore\nq1\td1\t1\n\nq1\td 2\t0\nq2\td1\t2",
      // Without a header BEIR's loader would lose the first line.
      "q1\td1\t1\nq1\td 2\t0\nq2\td1\t2\n",
      // The same line twice says nothing new.
      "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\t1\nq1\td 2\t0\nq2\td1\t2\n",
    ])
  func beir(text: String) throws {
    let qrels = try withFile("test.tsv", text) { try Qrels(contentsOf: $0) }
    #expect(qrels == Qrels(judgements: Self.expected))
    #expect(qrels.count == 3)
  }

  @Test(
    "TREC's four columns",
    arguments: [
      "q1 0 d1 1\nq1 0  d2 -1\nq2 Q0 d1 2\n", "q1\t0\td1\t1\nq1\t0\td2\t-1\nq2\t0\td1\t2",
    ])
  func trec(text: String) throws {
    let qrels = try withFile("qrels.txt", text) { try Qrels(contentsOf: $0) }
    #expect(qrels.judgements == ["q1": ["d1": 1, "d2": -1], "q2": ["d1": 2]])
    #expect(qrels.relevant(to: "q1") == ["d1"])
    #expect(qrels.relevant(to: "q1", threshold: -1) == ["d1", "d2"])
    #expect(qrels.relevant(to: "none") == [])
  }

  @Test(
    "a bad line is named with its file and number",
    arguments: [
      ("query-id\tcorpus-id\tscore\nq1\td1\tone\n", ":2: the grade \"one\" is not an integer"),
      ("query-id\tcorpus-id\tscore\nq1\td1\t1.0\n", ":2: the grade \"1.0\" is not an integer"),
      (
        "query-id\tcorpus-id\tscore\nq1\td1\t1\n\nq1\td2\n",
        ":4: has 2 columns, the lines before have 3"
      ),
      ("query-id\tcorpus-id\tscore\nq1\t\t1\n", ":2: an id is empty"),
      ("q1 0 d1 1\nq1 0 d2\n", ":2: has 3 columns, the lines before have 4"),
      ("q1 0 d1 x\n", ":1: the grade \"x\" is not an integer"),
      ("hello\n", ":1: expected three columns"),
      (
        "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td1\t2\n",
        ":3: query \"q1\" and passage \"d1\" were judged 1 before and 2 here; keep one"
      ),
    ])
  func badLines(text: String, message: String) throws {
    try withFile("bad.tsv", text) { file in
      let error = try evaluationError { _ = try Qrels(contentsOf: file) }
      #expect(error.message.hasPrefix(file.path + message), "\(error.message)")
      #expect([.malformedRow, .duplicateRow].contains(error.code))
    }
  }

  @Test("text that is not UTF-8 is named by line")
  func notUTF8() throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("latin1.tsv")
      try Data(Array("a\tb\tc\nq\td".utf8) + [0xE9] + Array("\t1\n".utf8)).write(to: file)
      let error = try evaluationError { _ = try Qrels(contentsOf: file) }
      #expect(error.message.hasPrefix("\(file.path):2: not UTF-8"))
    }
  }

  @Test("a file that is missing, a folder, or holds nothing")
  func nothingToRead() throws {
    try withTemporaryFolder { folder in
      let missing = try evaluationError {
        _ = try Qrels(contentsOf: folder.appendingPathComponent("none.tsv"))
      }
      #expect(missing.code == .io)
      #expect(missing.message.hasSuffix("none.tsv: cannot be read: no such file"))
      #expect(try evaluationError { _ = try Qrels(contentsOf: folder) }.code == .io)
    }
    for text in ["", "\n\n", "query-id\tcorpus-id\tscore\n"] {
      let error = try withFile("empty.tsv", text) { file in
        try evaluationError { _ = try Qrels(contentsOf: file) }
      }
      #expect(error.message.hasSuffix("empty.tsv: holds no judgement"))
    }
  }

  @Test("an unknown id is named with its line")
  func unknownIDs() throws {
    let text = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td9\t1\nq3\td1\t1\n"
    try withFile("test.tsv", text) { file in
      let qrels = try Qrels(contentsOf: file)
      try qrels.checkIDs(known: { _ in true }, file: file)
      let passage = try evaluationError { try qrels.checkIDs(known: { $0 != "d9" }, file: file) }
      #expect(passage.code == .unknownID)
      #expect(passage.message.hasPrefix("\(file.path):3: passage \"d9\" is not in the collection"))
      let query = try evaluationError {
        try qrels.checkIDs(known: { _ in true }, queries: { $0 != "q3" }, file: file)
      }
      #expect(query.message == "\(file.path):4: query \"q3\" is not among the queries")
    }
  }
}
