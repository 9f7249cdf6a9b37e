public import Tensors

/// The part of stored vectors whose texts were encoded anew.
public struct VectorSample: Sendable {
  /// Rows of the stored vectors, counted from 0, all different.
  public let rows: [Int]
  /// `(rows.count, d')`: the new encoder's vectors of the same texts, in the same order.
  public let fresh: Matrix

  /// - Parameters:
  ///   - rows: rows of the stored vectors, counted from 0; traps when one comes twice.
  ///   - fresh: as many vectors; traps otherwise.
  public init(rows: [Int], fresh: Matrix) {
    precondition(rows.count == fresh.rows, "\(rows.count) rows, \(fresh.rows) fresh vectors")
    precondition(Set(rows).count == rows.count, "a row of the sample comes twice")
    self.rows = rows
    self.fresh = fresh
  }

  /// Reads a sample from two files that belong together line by row.
  ///
  /// - Parameters:
  ///   - list: a text file, a row number of `stale` per line, counted from 0; with `ids`, an id.
  ///   - fresh: the file of the new vectors, in the order of `list`.
  ///   - ids: a text file with the id of every row of `stale`, one per line.
  /// - Throws: `FreshetError.badInput` naming file and line of what is no row or no known id, of
  ///   what comes twice, and files whose numbers of rows do not match.
  public init(
    list: String, fresh: String, ids: String? = nil, of stale: VectorFile
  ) throws(FreshetError) {
    let rows =
      if let ids {
        try Self.rows(ofIDs: list, in: ids, stale)
      } else {
        try Self.rows(numberedIn: list, stale)
      }
    let vectors = try VectorFile(path: fresh)
    guard vectors.rows == rows.count else {
      throw FreshetError(
        .badInput,
        "\(list) has \(rows.count) lines, \(fresh) has \(vectors.rows) vectors: a line is needed "
          + "for each, in the same order")
    }
    self.init(rows: rows, fresh: try vectors.all())
  }

  private static func rows(
    numberedIn path: String, _ stale: VectorFile
  ) throws(FreshetError) -> [Int] {
    var rows: [Int] = []
    var lineOfRow: [Int: Int] = [:]
    var lines = try TextLines(path: path)
    while let line = try lines.next() {
      guard let row = Int(line.filter { !$0.isWhitespace }) else {
        throw lines.problem(
          "\"\(line.prefix(40))\" is no row number (ids need the list of all ids, too: --ids)")
      }
      guard (0..<stale.rows).contains(row) else {
        throw lines.problem(
          "row \(row) is not in \(stale.path), which has \(stale.rows) rows, counted from 0")
      }
      if let earlier = lineOfRow.updateValue(lines.number, forKey: row) {
        throw lines.problem("row \(row) is on line \(earlier) already")
      }
      rows.append(row)
    }
    return rows
  }

  /// Only the ids of the sample are kept in memory.
  private static func rows(
    ofIDs path: String, in ids: String, _ stale: VectorFile
  ) throws(FreshetError) -> [Int] {
    var wanted: [String: Int] = [:]
    var list = try TextLines(path: path)
    while let id = try list.next() {
      guard !id.isEmpty else { throw list.problem("an id is expected, the line is empty") }
      if let earlier = wanted.updateValue(list.number, forKey: id) {
        throw list.problem("the id \"\(id)\" is on line \(earlier) already")
      }
    }
    var rows = [Int?](repeating: nil, count: wanted.count)
    var all = try TextLines(path: ids)
    while let id = try all.next() {
      guard let line = wanted[id] else { continue }
      if let earlier = rows[line - 1] {
        throw all.problem(
          "the id \"\(id)\" of the sample is on line \(earlier + 1) already: it names two rows")
      }
      rows[line - 1] = all.number - 1
    }
    guard all.number == stale.rows else {
      throw FreshetError(
        .badInput,
        "\(ids) has \(all.number) lines, \(stale.path) has \(stale.rows) vectors: a line is needed "
          + "for each, in the same order")
    }
    if let missing = rows.firstIndex(of: nil) {
      let id = wanted.first { $0.value == missing + 1 }?.key ?? ""
      throw FreshetError(.badInput, "\(path):\(missing + 1): the id \"\(id)\" is not in \(ids)")
    }
    return rows.compactMap(\.self)
  }
}
