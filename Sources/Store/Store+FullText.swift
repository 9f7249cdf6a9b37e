import Foundation
import GRDB

extension Store {
  /// The passages that hold words of `query`, by BM25 over title and text together.
  ///
  /// Any text may be asked: it is only cut into words, as passages are (FTS5's `unicode61`: letters
  /// and digits of any script, without case and diacritics), and has no operators. A passage needs
  /// one of the words, each distinct word counts once, and a word that more than half of the
  /// passages hold is left out when there are rarer ones, for its weight is nothing: FTS5 makes it
  /// a millionth. Passages count as soon as they are stored, with or without embeddings.
  ///
  /// Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009,
  /// as SQLite's FTS5 computes it (k1 = 1.2, b = 0.75; https://www.sqlite.org/fts5.html §5.1.1).
  ///
  /// - Parameters:
  ///   - query: the text. One without words finds nothing.
  ///   - limit: how many at most.
  ///   - allowed: rows that may be found; nil allows all. Called once for each match.
  /// - Returns: best first, equal scores by ascending row; deleted passages never.
  /// - Throws: `StoreError.invalidArgument` for a collection of an older Freshet that nobody has
  ///   opened for writing since; `damaged`.
  /// - Complexity: O(m log limit) for m passages that hold one of the words: all these are scored.
  ///   For many queries see `fullTextIndex()`.
  public func bm25(
    _ query: String, limit: Int, where allowed: ((Int) -> Bool)? = nil
  ) throws -> [TextMatch] {
    precondition(limit >= 0, "a limit is not negative, was \(limit)")
    return try read("searching the words of passages") { db in
      try requireFullText(db)
      let words = try tellingWords(of: query, db)
      guard !words.isEmpty, limit > 0 else { return [] }
      let matches = try Row.fetchCursor(
        db,
        sql: "SELECT rowid, -bm25(passageText) FROM passageText WHERE passageText MATCH ?",
        arguments: [words.map { "\"\($0)\"" }.joined(separator: " OR ")])
      var best = BestMatches(limit: limit)
      while let match = try matches.next() {
        let row: Int = match[0]
        if allowed?(row) ?? true { best.insert(TextMatch(row: row, score: match[1])) }
      }
      return best.sorted
    }
  }

  /// Refuses a collection that has no full-text table yet.
  func requireFullText(_ db: Database) throws {
    guard try !db.tableExists("passageText") else { return }
    throw StoreError(
      .invalidArgument,
      "\(folder.path) was made by an older Freshet and its words are not indexed yet: open it "
        + "for writing once (`freshet encode` does)")
  }

  /// The distinct words of a query that some passage holds, without those of no weight.
  private func tellingWords(of query: String, _ db: Database) throws -> [String] {
    let words = try FullText.words(of: query, db)
    guard words.count > 1 else { return words }
    let passages = try Int.fetchOne(db, sql: "SELECT count(*) FROM passage WHERE deleted = 0") ?? 0
    let holders = try db.cachedStatement(sql: "SELECT doc FROM passageTerm WHERE term = ?")
    let counted = try words.map {
      (word: $0, count: try Int.fetchOne(holders, arguments: [$0]) ?? 0)
    }.filter { $0.count > 0 }
    let telling = counted.filter { 2 * $0.count <= passages }
    return (telling.isEmpty ? counted : telling).map(\.word)
  }
}

/// How texts become words.
enum FullText {
  /// The distinct words of `text` in the order of their first places, by the table's tokenizer.
  static func words(of text: String, _ db: Database) throws -> [String] {
    let tokenizer = try db.makeTokenizer(
      FTS5TokenizerDescriptor(components: ["unicode61", "remove_diacritics", "2"]))
    var seen: Set<String> = []
    return try tokenizer.tokenize(query: text).map(\.token).filter { seen.insert($0).inserted }
  }
}
