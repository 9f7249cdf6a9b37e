public import Foundation

extension Qrels {
  /// Reads BEIR's or TREC's judgements; the first line tells which.
  ///
  /// - BEIR: three columns parted by tabs, `query-id  corpus-id  score`. The header line is
  ///   skipped. BEIR's own loader drops the first line whatever it holds; here a first line whose
  ///   score is a number is a judgement, so a file without header loses nothing.
  /// - TREC (and MS MARCO): four columns parted by white space, `query iteration passage grade`.
  ///
  /// The same judgement twice is read once.
  /// - Throws: `EvaluationError` naming file and line: unreadable, malformed, contradicting an
  ///   earlier line; `.invalidArgument` when the file holds no judgement.
  public init(contentsOf file: URL) throws {
    var judgements: [String: [String: Int]] = [:]
    try Self.forEachRow(of: file) { number, row in
      let former = judgements[row.query, default: [:]].updateValue(row.grade, forKey: row.passage)
      guard former == nil || former == row.grade else {
        throw EvaluationError(
          .duplicateRow,
          "\(place(file, number)): query \"\(row.query)\" and passage \"\(row.passage)\" were "
            + "judged \(former ?? 0) before and \(row.grade) here; keep one")
      }
    }
    guard !judgements.isEmpty else {
      throw EvaluationError(.invalidArgument, "\(file.path): holds no judgement")
    }
    self.init(judgements: judgements)
  }

  /// Checks that every judged passage, and every query, exists.
  ///
  /// - Parameters:
  ///   - isKnownPassage: whether the collection holds this passage id.
  ///   - isKnownQuery: whether the query file holds this query id.
  ///   - file: where these judgements were read from; read again only to find the line to name.
  /// - Throws: `EvaluationError` (`.unknownID`) naming file, line and id.
  public func checkIDs(
    known isKnownPassage: (String) -> Bool, queries isKnownQuery: (String) -> Bool = { _ in true },
    file: URL
  ) throws {
    let complete = judgements.allSatisfy { query, passages in
      isKnownQuery(query) && passages.keys.allSatisfy(isKnownPassage)
    }
    if complete { return }
    try Self.forEachRow(of: file) { number, row in
      if !isKnownQuery(row.query) {
        throw EvaluationError(
          .unknownID, "\(place(file, number)): query \"\(row.query)\" is not among the queries")
      }
      if !isKnownPassage(row.passage) {
        throw EvaluationError(
          .unknownID,
          "\(place(file, number)): passage \"\(row.passage)\" is not in the collection; add it or "
            + "remove the line")
      }
    }
    throw EvaluationError(
      .unknownID, "\(file.path): judges ids that are not known, and has changed since")
  }

  private static func forEachRow(of file: URL, _ body: (Int, JudgementRow) throws -> Void) throws {
    var rows = JudgementRows(of: file.path)
    try forEachLine(of: file) { number, line in
      if let row = try rows.row(line, number: number) { try body(number, row) }
    }
  }
}

/// A judgement as a line of a file says it.
public struct JudgementRow: Sendable, Equatable {
  /// The query's id.
  public let query: String
  /// The passage's id.
  public let passage: String
  /// See ``Qrels``.
  public let grade: Int
}

/// Reads the lines of one file of judgements, for who does not hold them all; see
/// ``Qrels/init(contentsOf:)`` for the layouts.
public struct JudgementRows {
  private let name: String
  private var format: QrelsFormat?

  /// - Parameter name: the file, as errors name it.
  public init(of name: String) { self.name = name }

  /// What a line says, nil for the header. The first line given decides the layout.
  ///
  /// - Parameters:
  ///   - line: not empty, without its end.
  ///   - number: counted from 1.
  /// - Throws: `EvaluationError.malformedRow` naming file and line.
  public mutating func row(
    _ line: Substring, number: Int
  ) throws(EvaluationError) -> JudgementRow? {
    let place = "\(name):\(number)"
    if let format { return try format.row(line, at: place) }
    let found = try QrelsFormat(firstLine: line, at: place)
    format = found
    return found.isHeader(line) ? nil : try found.row(line, at: place)
  }
}

/// The two layouts of judgement files.
private enum QrelsFormat {
  case beir, trec

  init(firstLine line: Substring, at place: String) throws(EvaluationError) {
    if Self.beir.columns(line).count == 3 {
      self = .beir
    } else if Self.trec.columns(line).count == 4 {
      self = .trec
    } else {
      throw EvaluationError(
        .malformedRow,
        "\(place): expected three columns parted by tabs (query, passage, score) or the four of "
          + "TREC (query, iteration, passage, grade)")
    }
  }

  func columns(_ line: Substring) -> [Substring] {
    switch self {
    case .beir: line.cells
    case .trec: line.words
    }
  }

  /// Whether this first line names its columns: only BEIR's files have one.
  func isHeader(_ line: Substring) -> Bool {
    guard case .beir = self, let score = columns(line).last else { return false }
    return Double(score) == nil
  }

  func row(_ line: Substring, at place: String) throws(EvaluationError) -> JudgementRow {
    let fields = columns(line)
    let (count, passage) = self == .beir ? (3, 1) : (4, 2)
    guard fields.count == count else {
      throw EvaluationError(
        .malformedRow, "\(place): has \(fields.count) columns, the lines before have \(count)")
    }
    guard let grade = Int(fields[count - 1]) else {
      throw EvaluationError(
        .malformedRow, "\(place): the grade \"\(fields[count - 1])\" is not an integer")
    }
    guard !fields[0].isEmpty, !fields[passage].isEmpty else {
      throw EvaluationError(.malformedRow, "\(place): an id is empty")
    }
    return JudgementRow(
      query: String(fields[0]), passage: String(fields[passage]), grade: grade)
  }
}
