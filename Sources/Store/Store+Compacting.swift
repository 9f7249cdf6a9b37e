public import Foundation
import GRDB

extension Store {
  /// How often the rows of this collection were numbered anew. Two equal answers mean that every
  /// row number read between them is of one numbering. Kept as SQLite's `user_version`. Costs some
  /// microseconds.
  public func compactionCount() throws -> Int {
    try read("reading the number of compactions") { try Self.compactionCount($0) }
  }

  /// The number of passages that were deleted and whose rows are still there. O(deleted).
  public func tombstoneCount() throws -> Int {
    try read("counting tombstones") { db in
      try Int.fetchOne(db, sql: "SELECT count(*) FROM passage WHERE deleted = 1") ?? 0
    }
  }

  /// What a compaction would do now.
  public func planCompaction() throws -> CompactionPlan {
    try read("planning a compaction") { db in
      CompactionPlan(
        removed: try Int.fetchAll(
          db, sql: "SELECT row FROM passage WHERE deleted = 1 ORDER BY row"),
        kept: try keptGenerations(db).map { try requireGeneration($0, db) },
        compactions: try Self.compactionCount(db))
    }
  }

  /// Numbers the rows anew, and puts the generations that were written for the new numbers in the
  /// place of the old ones, in one transaction: a cut leaves all old or all new. The words of the
  /// passages are indexed anew in it.
  ///
  /// The new generations take over creation time, encoder and corrector; those of the plan that
  /// have none, and all others, are deleted; their files are garbage then, see `collectGarbage`.
  /// The history of activations begins anew with those that are kept.
  ///
  /// - Parameters:
  ///   - generations: for the active generation of the plan, and for its rollback's if it is to
  ///     stay, a generation being built, its file in place and its embeddings recorded, all by new
  ///     rows.
  ///   - now: recorded with the activations.
  /// - Throws: `StoreError.locked` when the collection is not the one planned for any more (another
  ///   generation is active, or it was compacted): nothing has changed, plan again;
  ///   `invalidArgument` when the active generation has no replacement; as `completeGeneration`.
  /// - Complexity: O(N log N), and the texts of all rows above the first tombstone are moved.
  public func compact(
    _ plan: CompactionPlan, replacing generations: [CompactedGeneration], now: Date
  ) throws {
    try write("compacting", visible: true) { db in
      try requireCurrent(plan, db)
      guard plan.kept.first?.id == generations.first?.old else {
        throw StoreError(.invalidArgument, "the active generation must be written anew first")
      }
      try renumberPassages(plan, db)
      for generation in generations {
        try complete(
          generation.new, rowCount: generation.rowCount, vectorsSHA256: generation.vectorsSHA256,
          db)
      }
      try replaceGenerations(generations.reversed(), now, db)
      try db.execute(sql: "INSERT INTO passageText (passageText) VALUES ('rebuild')")
      try db.execute(sql: "PRAGMA user_version = \(plan.compactions + 1)")
    }
  }

  /// Gives what deleted rows took of the database file back to the file system. Needs as much space
  /// again while it runs; readers go on.
  public func shrinkDatabase() throws {
    do {
      try pool.vacuum()
    } catch {
      throw StoreError(error, during: "shrinking the database", in: layout)
    }
  }
}

extension Store {
  static func compactionCount(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
  }

  /// The active generation and the one a rollback goes to, when there are such.
  private func keptGenerations(_ db: Database) throws -> [Int] {
    let current = try Activation.current(db)
    let previous = try current?.before(db)
    let ids = [current, previous].compactMap { $0?.generation }
    return ids.count == 2 && ids[0] == ids[1] ? [ids[0]] : ids
  }

  private func requireCurrent(_ plan: CompactionPlan, _ db: Database) throws {
    guard
      try Self.compactionCount(db) == plan.compactions,
      try keptGenerations(db) == plan.kept.map(\.id)
    else {
      throw StoreError(
        .locked,
        "\(folder.path) changed its generation while it was compacted: nothing was changed, "
          + "compact it again")
    }
  }

  /// Ascending, so that a row's new number is free when its turn comes.
  private func renumberPassages(_ plan: CompactionPlan, _ db: Database) throws {
    let remove = try db.cachedStatement(sql: "DELETE FROM passage WHERE row = ? AND deleted = 1")
    for row in plan.removed { try remove.execute(arguments: [row]) }
    let move = try db.cachedStatement(sql: "UPDATE passage SET row = ? WHERE row = ?")
    let rows = try Int.fetchAll(
      db, sql: "SELECT row FROM passage WHERE row > ? ORDER BY row",
      arguments: [plan.removed.first ?? .max])
    for row in rows { try move.execute(arguments: [plan.newRow(of: row), row]) }
    try db.execute(
      sql: "UPDATE collection SET nextRow = nextRow - ?", arguments: [plan.removed.count])
  }

  /// - Parameter generations: the active one last.
  private func replaceGenerations(
    _ generations: [CompactedGeneration], _ now: Date, _ db: Database
  ) throws {
    let renamed = Dictionary(uniqueKeysWithValues: generations.map { ($0.old, $0.new) })
    for generation in generations {
      let parent = try Self.generation(generation.old, db)?.parent
      try db.execute(
        sql: "UPDATE generation SET parent = ? WHERE id = ?",
        arguments: [parent.flatMap { renamed[$0] }, generation.new])
    }
    try db.execute(sql: "DELETE FROM activation")
    let new = generations.map { String($0.new) }.joined(separator: ", ")
    try db.execute(sql: "UPDATE generation SET parent = NULL WHERE id NOT IN (\(new))")
    try db.execute(sql: "DELETE FROM generation WHERE id NOT IN (\(new))")
    for generation in generations {
      try Activation.record(
        generation.new, "activate", previous: Activation.current(db)?.id, now, db)
    }
  }
}
