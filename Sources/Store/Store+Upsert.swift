import Foundation
import GRDB

extension Store {
  /// Adds passages of new ids and changes those whose title, text or metadata differ.
  ///
  /// All or nothing. A passage keeps its row when it changes; a changed title or text makes its own
  /// embeddings pending, and nothing else. An id may come twice only with the same content.
  ///
  /// - Throws: `StoreError.duplicateID` naming the id and the two places (from 0) in `passages`;
  ///   `invalidArgument` naming the id for an empty id, a NUL character or metadata that is not
  ///   JSON; `diskFull`.
  /// - Complexity: O(n log N) for n passages in a collection of N.
  public func upsert(_ passages: [PassageInput]) throws -> UpsertSummary {
    let keys = passages.map { idKey($0.id) }
    try refuseDuplicates(passages, keys)
    for (i, passage) in passages.enumerated() { try refuseUnstorable(passage, at: i) }
    return try write("storing passages", visible: true) { db in
      var upsert = try Upsert(db)
      for (passage, key) in zip(passages, keys) { try upsert.store(passage, key: key) }
      try upsert.finish()
      return upsert.summary
    }
  }

  /// Deletes the passages of these ids; their rows stay as tombstones that no search answers.
  ///
  /// - Returns: how many were there to delete; unknown ids are no error.
  public func delete(ids: [String]) throws -> Int {
    try write("deleting passages", visible: true) { db in
      let statement = try db.cachedStatement(
        sql: "UPDATE passage SET deleted = 1 WHERE idKey = ? AND deleted = 0")
      return try ids.reduce(0) { count, id in
        try statement.execute(arguments: [idKey(id)])
        return count + db.changesCount
      }
    }
  }

  /// Deletes the passages a filter holds for; see `delete(ids:)`.
  ///
  /// - Returns: how many.
  /// - Throws: `StoreError.invalidArgument` for a filter that can never be asked.
  public func delete(where filter: PassageFilter) throws -> Int {
    try filter.validate()
    return try write("deleting passages", visible: true) { db in
      let condition = filter.sql
      try db.execute(
        sql: "UPDATE passage SET deleted = 1 WHERE deleted = 0 AND \(condition.text)",
        arguments: condition.arguments)
      return db.changesCount
    }
  }
}

/// The form of an id that is compared: Unicode's canonical composition, as Swift's `==` sees it.
func idKey(_ id: String) -> String {
  id.utf8.allSatisfy { $0 < 0x80 } ? id : id.precomposedStringWithCanonicalMapping
}

private func refuseDuplicates(_ passages: [PassageInput], _ keys: [String]) throws {
  var first = [String: Int](minimumCapacity: keys.count)
  for (i, key) in keys.enumerated() {
    guard let earlier = first.updateValue(i, forKey: key) else { continue }
    guard passages[earlier].hasContent(of: passages[i]) else {
      throw StoreError(
        .duplicateID,
        "the id \"\(passages[i].id)\" names two different passages, items \(earlier) and \(i) "
          + "(from 0) of those given: nothing was stored, give each its own id")
    }
  }
}

private func refuseUnstorable(_ passage: PassageInput, at index: Int) throws {
  func refuse(_ condition: Bool, _ reason: String) throws {
    guard condition else { return }
    throw StoreError(
      .invalidArgument,
      "passage \"\(passage.id)\" (item \(index), from 0) \(reason): nothing was stored")
  }
  try refuse(passage.id.isEmpty, "has an empty id")
  // SQLite would end the text there without a word.
  for part in [passage.id, passage.title, passage.text, passage.metadata ?? ""] {
    try refuse(part.utf8.contains(0), "contains the character U+0000")
  }
}

extension PassageInput {
  /// Whether titles, texts and metadata are the same bytes.
  fileprivate func hasContent(of other: PassageInput) -> Bool {
    title.utf8.elementsEqual(other.title.utf8) && text.utf8.elementsEqual(other.text.utf8)
      && metadata.map { Array($0.utf8) } == other.metadata.map { Array($0.utf8) }
  }
}

/// One upsert within its transaction.
private struct Upsert {
  private(set) var summary = UpsertSummary()
  private var nextRow: Int
  private let db: Database
  private let find, insert, change, isJSON: Statement

  init(_ db: Database) throws {
    self.db = db
    nextRow = try Int.fetchOne(db, sql: "SELECT nextRow FROM collection") ?? 0
    find = try db.cachedStatement(
      sql: """
        SELECT row, textHash, title, metadata FROM passage WHERE idKey = ? AND deleted = 0
        """)
    insert = try db.cachedStatement(
      sql: """
        INSERT INTO passage (row, idKey, id, textHash, title, text, metadata)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """)
    change = try db.cachedStatement(
      sql: "UPDATE passage SET textHash = ?, title = ?, text = ?, metadata = ? WHERE row = ?")
    isJSON = try db.cachedStatement(sql: "SELECT json_valid(?)")
  }

  mutating func store(_ passage: PassageInput, key: String) throws {
    try requireJSON(passage)
    let hash = TextHash.of(title: passage.title, text: passage.text)
    guard let found = try Row.fetchOne(find, arguments: [key]) else {
      try insert.execute(
        arguments: [
          nextRow, key, passage.id, hash, passage.title, passage.text, passage.metadata,
        ])
      nextRow += 1
      summary.added += 1
      return
    }
    // With equal hashes, equal title bytes make equal text bytes.
    let isSame =
      found[1] == hash && sameBytes(found[2], passage.title)
      && sameBytes(found[3], passage.metadata)
    guard !isSame else {
      summary.unchanged += 1
      return
    }
    try change.execute(
      arguments: [hash, passage.title, passage.text, passage.metadata, found[0] as Int])
    summary.changed += 1
  }

  /// Remembers the rows given out.
  func finish() throws {
    guard summary.added > 0 else { return }
    try db.execute(sql: "UPDATE collection SET nextRow = ?", arguments: [nextRow])
  }

  private func requireJSON(_ passage: PassageInput) throws {
    guard let metadata = passage.metadata else { return }
    guard try Bool.fetchOne(isJSON, arguments: [metadata]) == true else {
      throw StoreError(
        .invalidArgument,
        "the metadata of passage \"\(passage.id)\" is not JSON: nothing was stored")
    }
  }

  private func sameBytes(_ a: String?, _ b: String?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.utf8.elementsEqual(b.utf8)
  }
}
