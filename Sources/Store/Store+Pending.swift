import Foundation
import GRDB

/// Passages alive whose present text has no embedding in generation `:generation`, below row
/// `:rowCount`. Answered from two indexes; no text is read.
let pendingSQL = """
  SELECT row FROM passage
  WHERE deleted = 0 AND row < :rowCount AND NOT EXISTS (
    SELECT 1 FROM embedding
    WHERE generation = :generation AND embedding.row = passage.row
      AND embedding.textHash = passage.textHash)
  """

extension Store {
  /// Rows, ascending, of the passages that have no embedding of their present text in a
  /// generation: all passages when it is nil.
  ///
  /// - Throws: `StoreError.unknownGeneration`.
  /// - Complexity: O(N log N) in two indexes.
  public func pendingRows(generation: Int?) throws -> [Int] {
    try read("looking for pending passages") { db in
      if let generation { _ = try requireGeneration(generation, db) }
      return try Int.fetchAll(
        db, sql: "\(pendingSQL) ORDER BY row",
        arguments: ["generation": generation, "rowCount": Int.max])
    }
  }

  /// Rows, ascending, of a complete generation's vector file that no search may answer: the passage
  /// was deleted, has another text by now, or never had an embedding there.
  ///
  /// - Throws: `StoreError.unknownGeneration`; `invalidArgument` when it is not complete.
  /// - Complexity: O(N log N) in two indexes.
  public func staleOrDeletedRows(generation: Int) throws -> [Int] {
    try read("looking for stale passages") { db in
      let rowCount = try requireReadyGeneration(generation, db).rowCount
      return try Int.fetchAll(
        db,
        sql: """
          SELECT row FROM passage WHERE deleted = 1 AND row < :rowCount
          UNION ALL \(pendingSQL) ORDER BY row
          """,
        arguments: ["generation": generation, "rowCount": rowCount])
    }
  }
}
