internal import Evaluation

/// Which passages of a corpus answer which queries: what is needed of a file of judgements while
/// training data is opened.
struct Judgements {
  /// Ids of the judged queries.
  private(set) var queries = KeyTable()
  let name: String
  private var judgements: [Judgement] = []
  /// Of the queries by number, the first of their judgements, and one more: the end.
  private var starts: [Int] = []

  private struct Judgement {
    let query: Int32, passage: Int32, grade: Int32, line: Int32
  }

  /// - Throws: `EvaluationError` or `FreshetError` naming file and line: a line that is no
  ///   judgement, a passage that is not in the corpus.
  init(path: String, corpus: PassageTable) throws {
    name = path
    var (lines, rows) = (try TextLines(path: path), JudgementRows(of: path))
    while let line = try lines.next() {
      if line.utf8.allSatisfy(\.isJSONSpace) { continue }
      guard let row = try rows.row(line[...], number: lines.number) else { continue }
      guard let passage = corpus.number(of: IdentityKey(id: row.passage)) else {
        throw lines.problem("the passage \"\(row.passage)\" is not in \(corpus.file.name)")
      }
      judgements.append(
        Judgement(
          query: Int32(queries.insert(IdentityKey(id: row.query)).number), passage: passage,
          grade: Int32(clamping: row.grade), line: Int32(clamping: lines.number)))
    }
    group()
  }

  private mutating func group() {
    judgements.sort { $0.query < $1.query }
    starts = [Int](repeating: judgements.count, count: queries.count + 1)
    for (index, judgement) in judgements.enumerated().reversed() {
      starts[Int(judgement.query)] = index
    }
  }

  /// The passages that answer a query, in the order of the file.
  ///
  /// - Throws: `FreshetError` naming the line that contradicts one before it.
  func positives(of query: Int) throws(FreshetError) -> [Int32] {
    var grades: [Int32: Int32] = [:]
    var found: [Int32] = []
    for judgement in judgements[starts[query]..<starts[query + 1]] {
      let former = grades.updateValue(judgement.grade, forKey: judgement.passage)
      guard former == nil || former == judgement.grade else {
        throw FreshetError(
          .badInput, "\(name):\(judgement.line): the same query and passage were judged "
            + "\(former ?? 0) before and \(judgement.grade) here; keep one")
      }
      if former == nil, judgement.grade >= 1 { found.append(judgement.passage) }
    }
    return found
  }

  /// An error about the first judgement of a query.
  func problem(_ query: Int, _ what: String) -> FreshetError {
    FreshetError(.badInput, "\(name):\(judgements[starts[query]].line): \(what)")
  }
}
