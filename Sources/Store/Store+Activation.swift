public import Foundation
import GRDB

extension Store {
  /// Makes a complete generation the one that searches use: the one step in which readers pass
  /// from the old one whole to the new one whole. Activating the active one changes nothing.
  ///
  /// - Parameter now: recorded with the activation.
  /// - Throws: `StoreError.unknownGeneration`; `invalidArgument` when it is not complete;
  ///   `damaged` when its vector file is missing or has another size.
  public func activate(_ id: Int, now: Date) throws {
    try write("activating generation \(id)", visible: true) { try activate(id, now: now, $0) }
  }

  /// The same within a transaction.
  func activate(_ id: Int, now: Date, _ db: Database) throws {
    let generation = try requireReadyGeneration(id, db)
    let current = try Activation.current(db)
    guard current?.generation != id else { return }
    try requireVectorFile(of: generation, db)
    try Activation.record(id, "activate", previous: current?.id, now, db)
  }

  /// Goes back to the generation that was active before the last activation not yet taken back.
  ///
  /// Exactly one activation is taken back, and that is recorded too; it can be repeated down to the
  /// first activation. The generation left stays, complete, and can be activated again.
  ///
  /// - Parameter now: recorded with the rollback.
  /// - Returns: the generation that is active now.
  /// - Throws: `StoreError.unknownGeneration` when there is none to go back to; `damaged` when its
  ///   vector file is missing or has another size, and then nothing changes.
  public func rollback(now: Date) throws -> GenerationRecord {
    try write("rolling back", visible: true) { db in
      guard let target = try Activation.current(db)?.before(db) else {
        throw StoreError(
          .unknownGeneration, "\(folder.path) has no earlier generation to go back to")
      }
      try requireVectorFile(of: requireReadyGeneration(target.generation, db), db)
      try Activation.record(target.generation, "rollback", previous: target.previous, now, db)
      return try requireGeneration(target.generation, db)
    }
  }

  /// The generation that searches use; nil before the first activation.
  public func activeGeneration() throws -> GenerationRecord? {
    try read("reading the active generation") { db in
      try Activation.current(db).map { try requireGeneration($0.generation, db) }
    }
  }
}

/// A row of the activation table: a stack, linked through `previous`, of which nothing is erased.
struct Activation {
  let id: Int
  let generation: Int
  /// The activation that a rollback from this one restores.
  let previous: Int?

  /// The one in force.
  static func current(_ db: Database) throws -> Activation? {
    try fetch("ORDER BY id DESC LIMIT 1", [], db)
  }

  func before(_ db: Database) throws -> Activation? {
    try previous.flatMap { try Self.fetch("WHERE id = ?", [$0], db) }
  }

  static func record(
    _ generation: Int, _ kind: String, previous: Int?, _ now: Date, _ db: Database
  ) throws {
    try db.execute(
      sql: """
        INSERT INTO activation (generation, kind, previous, createdAt) VALUES (?, ?, ?, ?)
        """,
      arguments: [generation, kind, previous, now])
  }

  private static func fetch(
    _ condition: String, _ arguments: StatementArguments, _ db: Database
  ) throws -> Activation? {
    try Row.fetchOne(
      db, sql: "SELECT id, generation, previous FROM activation \(condition)",
      arguments: arguments
    ).map { Activation(id: $0[0], generation: $0[1], previous: $0[2]) }
  }
}
