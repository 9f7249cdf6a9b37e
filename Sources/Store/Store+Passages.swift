import Foundation
import GRDB

extension Store {
  /// The number of passages, deleted ones not counted.
  public var passageCount: Int {
    get throws {
      try read("counting passages") { db in
        try Int.fetchOne(db, sql: "SELECT count(*) FROM passage WHERE deleted = 0") ?? 0
      }
    }
  }

  /// The number of rows ever given out, tombstones included: what a vector file of all has.
  public func rowCount() throws -> Int {
    try read("counting rows") { db in
      try Int.fetchOne(db, sql: "SELECT nextRow FROM collection") ?? 0
    }
  }

  /// The passage of this id; nil when there is none, or none any more.
  public func passage(id: String) throws -> StoredPassage? {
    try read("reading a passage") { db in
      let sql = "SELECT \(StoredPassage.columns) FROM passage WHERE idKey = ? AND deleted = 0"
      return try Row.fetchOne(db, sql: sql, arguments: [idKey(id)]).map { StoredPassage($0) }
    }
  }

  /// The passages at `rows`, one for each, in that order. Deleted ones are given too, and say so.
  ///
  /// - Throws: `StoreError.unknownID` naming a row that was never given out.
  public func passages(rows: [Int]) throws -> [StoredPassage] {
    try read("reading passages") { db in
      let statement = try db.cachedStatement(
        sql: "SELECT \(StoredPassage.columns) FROM passage WHERE row = ?")
      return try rows.map { row in
        guard let found = try Row.fetchOne(statement, arguments: [row]) else {
          throw StoreError(.unknownID, "\(folder.path) has no passage at row \(row)")
        }
        return StoredPassage(found)
      }
    }
  }

  /// At most `limit` passages from `row` on, in ascending rows, without deleted ones. To read all,
  /// go on from the last row plus 1 until none come.
  public func passages(from row: Int, limit: Int) throws -> [StoredPassage] {
    precondition(limit >= 0, "a limit is not negative, was \(limit)")
    return try read("reading passages") { db in
      let sql = """
        SELECT \(StoredPassage.columns) FROM passage
        WHERE row >= ? AND deleted = 0 ORDER BY row LIMIT ?
        """
      return try Row.fetchAll(db, sql: sql, arguments: [row, limit]).map { StoredPassage($0) }
    }
  }

  /// The rows of those ids that are there; an unknown or deleted id has no entry.
  public func rows(forIDs ids: [String]) throws -> [String: Int] {
    try read("looking up ids") { db in
      let statement = try db.cachedStatement(
        sql: "SELECT row FROM passage WHERE idKey = ? AND deleted = 0")
      var rows = [String: Int](minimumCapacity: ids.count)
      for id in ids { rows[id] = try Int.fetchOne(statement, arguments: [idKey(id)]) }
      return rows
    }
  }

  /// Row and text hash of every passage that is not deleted, in ascending rows.
  public func textHashes() throws -> [(row: Int, hash: String)] {
    try read("reading text hashes") { db in
      let sql = "SELECT row, textHash FROM passage WHERE deleted = 0 ORDER BY row"
      return try Array(Row.fetchCursor(db, sql: sql).map { (row: $0[0], hash: $0[1]) })
    }
  }
}
