public import Foundation

/// What a second scorer says of pairs of a query and a passage: 12 bytes a pair, whatever the ids.
///
/// A pair is known by 64 bits of a hash of its ids; among ten million pairs two are taken for one
/// with a probability of three in a million.
public struct CrossScores: Sendable {
  private var keys: [UInt64] = []
  private var scores: [Float] = []

  /// Number of pairs.
  public var count: Int { keys.count }

  /// Reads `query⇥passage⇥score`, or a TREC run (`query Q0 passage rank score tag`); the first line
  /// tells which. Blank lines are passed over.
  ///
  /// - Throws: `MiningError` naming file and line: unreadable, malformed, a score that is not
  ///   finite, a pair that stands twice; `.invalidArgument` for a file without scores.
  public init(contentsOf file: URL) throws {
    var pairs: [(key: UInt64, score: Float)] = []
    try Self.forEachRow(of: file) { row, _ in
      pairs.append((pairKey(row.query, row.passage), row.score))
    }
    guard !pairs.isEmpty else {
      throw MiningError(.invalidArgument, "\(file.path): holds no score")
    }
    pairs.sort { $0.key < $1.key }
    keys = pairs.map(\.key)
    scores = pairs.map(\.score)
    try Self.checkOnce(keys, file)
  }

  /// The score of a pair, `nil` when there is none.
  public func score(query: String, passage: String) -> Float? {
    let key = pairKey(query, passage)
    var (low, high) = (0, keys.count)
    while low < high {
      let middle = (low + high) / 2
      if keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low < keys.count && keys[low] == key ? scores[low] : nil
  }

  /// Reads the file again to name the line, when a key stands twice.
  private static func checkOnce(_ keys: [UInt64], _ file: URL) throws {
    guard let twice = keys.indices.dropFirst().first(where: { keys[$0] == keys[$0 - 1] }) else {
      return
    }
    var isSecond = false
    try forEachRow(of: file) { row, place in
      guard pairKey(row.query, row.passage) == keys[twice] else { return }
      if isSecond {
        throw MiningError(
          .malformedRow,
          "\(place): query \"\(row.query)\" and passage \"\(row.passage)\" have a score already")
      }
      isSecond = true
    }
  }

  private static func forEachRow(
    of file: URL, _ body: ((query: String, passage: String, score: Float), String) throws -> Void
  ) throws {
    var reader = try LineReader(file)
    var columns: Int?
    while let line = try reader.next() {
      let place = "\(file.path):\(reader.number)"
      let text = String(decoding: line, as: UTF8.self)
      let fields = columns == 3 || columns == nil && text.contains("\t") && tabs(text).count == 3
        ? tabs(text) : text.split(whereSeparator: \.isWhitespace)
      if text.allSatisfy(\.isWhitespace) { continue }
      columns = columns ?? (fields.count == 3 ? 3 : 6)
      try body(try row(fields, columns: columns ?? 6, place), place)
    }
  }

  private static func tabs(_ text: String) -> [Substring] {
    (text.hasSuffix("\r") ? text.dropLast() : text[...])
      .split(separator: "\t", omittingEmptySubsequences: false)
  }

  private static func row(
    _ fields: [Substring], columns: Int, _ place: String
  ) throws(MiningError) -> (query: String, passage: String, score: Float) {
    guard columns == 3 ? fields.count == 3 : fields.count == 5 || fields.count == 6 else {
      throw MiningError(
        .malformedRow,
        "\(place): \(fields.count) columns, expected query⇥passage⇥score, or the six of a TREC run")
    }
    let number = fields[columns == 3 ? 2 : 4]
    guard let score = Float(number), score.isFinite else {
      throw MiningError(.malformedRow, "\(place): \"\(number)\" is not a finite score")
    }
    return (String(fields[0]), String(fields[columns == 3 ? 1 : 2]), score)
  }
}

/// FNV-1a over both ids with a byte between them that UTF-8 never holds, and a final mixing.
private func pairKey(_ query: String, _ passage: String) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  for byte in query.utf8 { add(byte) }
  add(0xFF)
  for byte in passage.utf8 { add(byte) }
  hash = (hash ^ hash >> 32) &* 0xD6E8_FEB8_6659_FD93
  return hash ^ hash >> 32
}
