internal import Reports
internal import Tensors

/// The nearest passages to one query, by stale, corrected and true vectors of the same passages.
struct NeighbourExample {
  struct Hit {
    /// Place in the pool of passages that were compared.
    var place: Int
    var score: Float
  }

  /// What asked.
  var query: String
  /// By stale vectors; nil where these are of another dimension than the query.
  var stale: [Hit]?
  var corrected: [Hit], fresh: [Hit]

  /// Neighbours that are shown.
  static let count = 5
  /// Queries that are shown.
  static let queries = 6

  /// The neighbours of queries by the new encoder.
  ///
  /// - Parameters:
  ///   - texts: what the queries are called.
  ///   - queries: `(texts.count, d')`.
  ///   - own: for each query its own passage, which it does not find.
  ///   - stale, corrected, fresh: vectors of the same passages, `(n, d)` and `(n, d')`.
  static func examples(
    _ texts: [String], queries: Matrix, own: [Int?], stale: Matrix, corrected: Matrix, fresh: Matrix
  ) -> [NeighbourExample] {
    func hits(_ vectors: Matrix) -> [[Hit]] {
      zip(exactTopK(queries: queries, passages: vectors, k: count + 1), own).map { found, own in
        found.filter { $0.row != own }.prefix(count).map { Hit(place: $0.row, score: $0.score) }
      }
    }
    let kept = stale.columns == queries.columns ? hits(stale) : nil
    let (corrected, fresh) = (hits(corrected), hits(fresh))
    return texts.indices.map { i in
      NeighbourExample(
        query: texts[i], stale: kept?[i], corrected: corrected[i], fresh: fresh[i])
    }
  }

  /// All places that are shown.
  var places: [Int] { ((stale ?? []) + corrected + fresh).map(\.place) }

  /// Rank by rank; true neighbours have a tick.
  ///
  /// - Parameter names: what a place of the pool is called.
  func table(_ names: [Int: String]) -> String {
    let lists = [("stale vectors", stale), ("corrected", corrected), ("new encoder", fresh)]
      .compactMap { name, hits in hits.map { (name, $0) } }
    let isTrue = Set(fresh.map(\.place))
    let rows = (0..<(lists.map(\.1.count).max() ?? 0)).map { rank in
      ["\(rank + 1)"]
        + lists.map { _, hits in
          guard hits.indices.contains(rank) else { return "" }
          let hit = hits[rank]
          let tick = isTrue.contains(hit.place) ? "✓ " : ""
          let score = NumberUnit.short(Double(hit.score), digits: 3)
          return "\(tick)\(names[hit.place] ?? "\(hit.place)") (\(score))"
        }
    }
    return Markup.element("h3", text: query)
      + ReportTable(heads: ["rank"] + lists.map(\.0), rows: rows).html
  }
}

/// How reports shorten texts.
enum ReportedText {
  /// The first letters, on one line.
  static func short(_ text: String, letters: Int = 70) -> String {
    let line = text.prefix(4 * letters).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > letters ? line.prefix(letters - 1) + "…" : line
  }
}
