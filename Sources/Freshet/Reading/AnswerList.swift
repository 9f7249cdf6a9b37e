/// The answers to questions: what DPR's top-k accuracy looks for.
public enum AnswerList {
  /// Reads JSON Lines `{"_id" or "id", "answers": ["…", …]}`; .gz too.
  ///
  /// - Returns: question id → answers.
  /// - Throws: `FreshetError.badInput` naming file and line, also for an id that stands twice or a
  ///   question without answers; `empty` for a file without questions.
  public static func read(path: String) throws(FreshetError) -> [String: [String]] {
    var lines = try TextLines(path: path)
    var answers: [String: [String]] = [:]
    while let line = try lines.next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      do throws(RowProblem) {
        let (id, texts) = try row(line)
        guard answers.updateValue(texts, forKey: id) == nil else {
          throw RowProblem("the question id \"\(id)\" stands twice")
        }
      } catch {
        throw lines.problem(error.words)
      }
    }
    guard !answers.isEmpty else { throw FreshetError(.empty, "\(path): holds no question") }
    return answers
  }

  private static func row(_ line: String) throws(RowProblem) -> (String, [String]) {
    let node = try JSONParser.parse(Array(line.utf8))
    let id = try node.field("_id", "id")
    let answers = try node.field("answers", "answer")
    var texts: [String] = []
    for answer in try answers.node.list(answers.name) { texts.append(try answer.string("answers")) }
    guard !texts.isEmpty else { throw RowProblem("the question has no answers") }
    return (try id.node.id(id.name), texts)
  }
}
