import Evaluation
import Foundation
import Testing

@Suite("TREC runs") struct RunTests {
  @Test("written as trec_eval orders them")
  func written() throws {
    let run = Run(results: [
      "q2": [("b", 0.1), ("a", 0.1), ("c", 1e-5), ("d", 2)], "q10": [("x", -0.25)], "q3": [],
    ])
    let text = try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("run.trec")
      try run.writeTREC(to: file, tag: "t")
      try run.writeTREC(to: file, tag: "mine")
      return try String(contentsOf: file, encoding: .utf8)
    }
    #expect(
      text == """
        q10 Q0 x 1 -0.25 mine
        q2 Q0 d 1 2.0 mine
        q2 Q0 b 2 0.1 mine
        q2 Q0 a 3 0.1 mine
        q2 Q0 c 4 1e-05 mine

        """)
  }

  @Test(
    "every score comes back to the last bit", arguments: [0.1, -1.0 / 3, 1e-300, 12_345_678.9, 0])
  func scoresRoundTrip(score: Double) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("run.trec")
      try Run(results: ["q": [("a", score)]]).writeTREC(to: file)
      #expect(try Run.readTREC(file).results["q"]?.first?.score == score)
    }
  }

  @Test("rank column and order of lines are not used; the tag may be absent")
  func reading() throws {
    let text = "q Q0 a 1 0.1 t\nq\tQ0\tb\t9\t7e-1\tt\r\n\nq Q0 c 1 0.3\n"
    let run = try withFile("run.trec", text) { try Run.readTREC($0) }
    #expect(try value(.mrr(5), run, ["q": ["b": 1]]) == 1)
    #expect(try value(.mrr(5), run, ["q": ["c": 1]]) == 0.5)
  }

  @Test(
    "a bad line is named with its file and number",
    arguments: [
      (
        "q Q0 a 1 0.5 t\nq Q0 b 2\n", ":2: has 4 columns; a TREC run has",
        EvaluationError.Code.malformedRow
      ),
      ("q Q0 a 1 high t\n", ":1: the score \"high\" is not a finite number", .malformedRow),
      ("q Q0 a 1 nan t\n", ":1: the score \"nan\" is not a finite number", .malformedRow),
      (
        "q Q0 a 1 0.5 t\nr Q0 a 1 0.5 t\nq Q0 a 2 0.4 t\n",
        ":3: query \"q\" has passage \"a\" twice", .duplicateRow
      ),
    ])
  func badLines(text: String, message: String, code: EvaluationError.Code) throws {
    try withFile("bad.trec", text) { file in
      let error = try evaluationError { _ = try Run.readTREC(file) }
      #expect(error.message.hasPrefix(file.path + message), "\(error.message)")
      #expect(error.code == code)
    }
  }

  @Test(
    "what TREC's columns cannot hold is not written",
    arguments: [
      (Run(results: ["a b": [("x", 1)]]), "t"), (Run(results: ["": [("x", 1)]]), "t"),
      (Run(results: ["q": [("x\ty", 1)]]), "t"), (Run(results: ["q": [("x", 1)]]), "two words"),
      (Run(results: ["q": [("x", .infinity)]]), "t"),
    ])
  func unwritable(run: Run, tag: String) throws {
    try withTemporaryFolder { folder in
      let file = folder.appendingPathComponent("run.trec")
      _ = try evaluationError { try run.writeTREC(to: file, tag: tag) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test("a folder that is not there is named")
  func noFolder() throws {
    let error = try evaluationError {
      try Run().writeTREC(to: URL(fileURLWithPath: "/nonexistent/run.trec"))
    }
    #expect(error.code == .io)
    #expect(error.message == "/nonexistent/run.trec: cannot be written: no such folder")
  }
}
