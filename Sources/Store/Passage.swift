import Foundation
import GRDB

/// A passage as it comes in.
public struct PassageInput: Sendable, Equatable {
  /// The caller's name for it, unique in the collection. Ids that Swift holds equal (é composed or
  /// not) are the same id; the collection keeps the spelling it met first.
  public var id: String
  /// Its title; may be empty.
  public var title: String
  /// Its text.
  public var text: String
  /// Anything else the caller wants kept, as JSON text.
  public var metadata: String?

  /// Makes a passage.
  public init(id: String, title: String = "", text: String, metadata: String? = nil) {
    (self.id, self.title, self.text, self.metadata) = (id, title, text, metadata)
  }
}

/// A passage as it is stored.
public struct StoredPassage: Sendable, Equatable {
  /// Its number in the collection, from 0, never given to another passage; row of vector files.
  public var row: Int
  /// The caller's name for it.
  public var id: String
  /// Its title; may be empty.
  public var title: String
  /// Its text.
  public var text: String
  /// JSON text, as it was given.
  public var metadata: String?
  /// `TextHash.of(title:text:)`.
  public var textHash: String
  /// Whether it was deleted: only a tombstone is left, to be found by row and by nothing else.
  public var isDeleted: Bool

  /// Makes a record.
  public init(
    row: Int, id: String, title: String, text: String, metadata: String?, textHash: String,
    isDeleted: Bool = false
  ) {
    (self.row, self.id, self.title, self.text) = (row, id, title, text)
    (self.metadata, self.textHash, self.isDeleted) = (metadata, textHash, isDeleted)
  }
}

/// What an upsert did.
public struct UpsertSummary: Sendable, Equatable {
  /// Passages of new ids.
  public var added = 0
  /// Passages whose title, text or metadata differ from what was stored.
  public var changed = 0
  /// Passages that were stored already, just so.
  public var unchanged = 0

  /// Makes a summary.
  public init(added: Int = 0, changed: Int = 0, unchanged: Int = 0) {
    (self.added, self.changed, self.unchanged) = (added, changed, unchanged)
  }
}

extension StoredPassage {
  static let columns = "row, id, title, text, metadata, textHash, deleted"

  /// Reads a result row of `columns`.
  init(_ found: Row) {
    self.init(
      row: found[0], id: found[1], title: found[2], text: found[3], metadata: found[4],
      textHash: found[5], isDeleted: found[6])
  }
}
