import Foundation
import GRDB

extension Store {
  /// Records how embeddings of a generation being built came to be. All or nothing; best called
  /// with thousands at once.
  ///
  /// - Throws: `StoreError.invalidArgument` naming the row when it was never given out, has an
  ///   embedding in this generation already, or its predicted error is not finite, and when the
  ///   generation is complete; `unknownGeneration`; `diskFull`.
  public func appendEmbeddings(_ records: [EmbeddingRecord], generation: Int) throws {
    try write("recording embeddings", visible: false) { db in
      _ = try requireBuilding(generation, db)
      let rows = try Int.fetchOne(db, sql: "SELECT nextRow FROM collection") ?? 0
      let insert = try db.cachedStatement(
        sql: """
          INSERT INTO embedding (generation, row, provenance, predictedError, textHash)
          VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
          """)
      for record in records {
        try requireRecordable(record, generation, rows)
        try insert.execute(
          arguments: [
            generation, record.row, record.provenance.rawValue, record.predictedError,
            record.textHash,
          ])
        try refuse(
          db.changesCount == 0, record.row, generation, "has an embedding there already")
      }
      try count(records, generation, db)
    }
  }

  /// What is known of the embedding of `row`; nil when the generation has none.
  public func embedding(generation: Int, row: Int) throws -> EmbeddingRecord? {
    try embeddings(generation: generation, rows: [row]).first
  }

  /// What is known of the embeddings of `rows`, in that order, or of all, in ascending rows. Rows
  /// without an embedding in the generation are left out.
  public func embeddings(generation: Int, rows: [Int]? = nil) throws -> [EmbeddingRecord] {
    try read("reading embeddings") { db in
      let all = "SELECT \(EmbeddingRecord.columns) FROM embedding WHERE generation = ?"
      guard let rows else {
        let cursor = try Row.fetchCursor(
          db, sql: "\(all) ORDER BY row", arguments: [generation])
        return try Array(cursor.map { EmbeddingRecord($0) })
      }
      let statement = try db.cachedStatement(sql: "\(all) AND row = ?")
      return try rows.compactMap { row in
        try Row.fetchOne(statement, arguments: [generation, row]).map { EmbeddingRecord($0) }
      }
    }
  }

  private func requireRecordable(
    _ record: EmbeddingRecord, _ generation: Int, _ rows: Int
  ) throws {
    try refuse(
      !(0..<rows).contains(record.row), record.row, generation,
      "is not one of the collection's \(rows) rows")
    // SQLite would store NaN as NULL without a word.
    let predictedError = record.predictedError ?? 0
    try refuse(
      !predictedError.isFinite, record.row, generation, "has predicted error \(predictedError)")
  }

  private func refuse(
    _ condition: Bool, _ row: Int, _ generation: Int, _ reason: String
  ) throws {
    guard condition else { return }
    throw StoreError(
      .invalidArgument,
      "row \(row), for generation \(generation), \(reason): nothing was recorded")
  }

  /// Keeps the generation's counts by provenance.
  private func count(_ records: [EmbeddingRecord], _ generation: Int, _ db: Database) throws {
    let encoded = records.count { $0.provenance == .encoded }
    try db.execute(
      sql: """
        UPDATE generation SET encoded = encoded + ?, corrected = corrected + ? WHERE id = ?
        """,
      arguments: [encoded, records.count - encoded, generation])
  }
}
