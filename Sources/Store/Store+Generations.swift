public import Foundation
import GRDB

extension Store {
  /// Begins a generation, invisible to searchers until it is complete and activated.
  ///
  /// - Parameters:
  ///   - encoder: fingerprint of a registered encoder, in whose space it will live.
  ///   - parent: the ready generation it is made from, if any.
  ///   - corrector: id of the registered corrector that makes its corrected embeddings, if any.
  ///   - now: recorded as its time of creation.
  /// - Returns: its number; its vector file is `VectorFiles.path(folder:generation:)`.
  /// - Throws: `StoreError.unknownEncoder`; `unknownGeneration` or `invalidArgument` for a parent
  ///   that is not there or not ready; `unknownID` for the corrector.
  public func beginGeneration(
    encoder: String, parent: Int?, corrector: String?, now: Date
  ) throws -> Int {
    try write("beginning a generation", visible: false) { db in
      _ = try requireEncoder(encoder, db)
      if let parent { _ = try requireReadyGeneration(parent, db) }
      if let corrector, try Self.corrector(corrector, db) == nil {
        throw StoreError(.unknownID, "\(folder.path) has no corrector \(corrector)")
      }
      let id = try Int.fetchOne(db, sql: "SELECT nextGeneration FROM collection") ?? 0
      try db.execute(sql: "UPDATE collection SET nextGeneration = ?", arguments: [id + 1])
      try db.execute(
        sql: """
          INSERT INTO generation (id, encoder, parent, corrector, createdAt, state)
          VALUES (?, ?, ?, ?, ?, 'building')
          """,
        arguments: [id, encoder, parent, corrector, now])
      return id
    }
  }

  /// Declares a generation whole. Its vector file must stand under its final name by now.
  ///
  /// - Parameters:
  ///   - rowCount: rows of the vector file; all its embeddings are of rows below.
  ///   - vectorsSHA256: the file's SHA-256 in hex, kept for later checks of the file.
  /// - Throws: `StoreError.damaged` naming the vector file when it is missing or has another size;
  ///   `unknownGeneration`; `invalidArgument` when it was complete already, or an embedding or
  ///   `rowCount` lies outside.
  public func completeGeneration(_ id: Int, rowCount: Int, vectorsSHA256: String?) throws {
    try write("completing a generation", visible: false) { db in
      try complete(id, rowCount: rowCount, vectorsSHA256: vectorsSHA256, db)
    }
  }

  /// Declares a generation whole and makes it the one that searches use, in one transaction: no
  /// cut can leave it whole but never live.
  ///
  /// - Throws: as `completeGeneration` and `activate`.
  public func completeAndActivate(
    _ id: Int, rowCount: Int, vectorsSHA256: String?, now: Date
  ) throws {
    try write("completing and activating generation \(id)", visible: true) { db in
      try complete(id, rowCount: rowCount, vectorsSHA256: vectorsSHA256, db)
      try activate(id, now: now, db)
    }
  }

  func complete(
    _ id: Int, rowCount: Int, vectorsSHA256: String?, _ db: Database
  ) throws {
    var generation = try requireBuilding(id, db)
    generation.rowCount = rowCount
    try requireRowsInside(generation, db)
    try requireVectorFile(of: generation, db)
    try db.execute(
      sql: """
        UPDATE generation SET state = 'ready', rowCount = ?, vectorsSHA256 = ? WHERE id = ?
        """,
      arguments: [rowCount, vectorsSHA256, id])
  }

  /// The generation of this number; nil when there is none.
  public func generation(_ id: Int) throws -> GenerationRecord? {
    try read("reading a generation") { try Self.generation(id, $0) }
  }

  /// All generations, oldest first, those being built included.
  public func generations() throws -> [GenerationRecord] {
    try read("reading generations") { db in
      try Row.fetchAll(db, sql: "\(GenerationRecord.selection) ORDER BY id")
        .map { GenerationRecord($0) }
    }
  }
}

extension Store {
  static func generation(_ id: Int, _ db: Database) throws -> GenerationRecord? {
    try Row.fetchOne(db, sql: "\(GenerationRecord.selection) WHERE id = ?", arguments: [id])
      .map { GenerationRecord($0) }
  }

  func requireGeneration(_ id: Int, _ db: Database) throws -> GenerationRecord {
    guard let generation = try Self.generation(id, db) else {
      throw StoreError(.unknownGeneration, "\(folder.path) has no generation \(id)")
    }
    return generation
  }

  func requireBuilding(_ id: Int, _ db: Database) throws -> GenerationRecord {
    let generation = try requireGeneration(id, db)
    guard generation.state == .building else {
      throw StoreError(
        .invalidArgument, "generation \(id) is complete and cannot change: begin another")
    }
    return generation
  }

  func requireReadyGeneration(_ id: Int, _ db: Database) throws -> GenerationRecord {
    let generation = try requireGeneration(id, db)
    guard generation.state == .ready else {
      throw StoreError(
        .invalidArgument, "generation \(id) is not complete: build it to its end first")
    }
    return generation
  }

  /// Refuses a generation whose vector file is missing or has not the size of its rows.
  func requireVectorFile(of generation: GenerationRecord, _ db: Database) throws {
    let encoder = try requireEncoder(generation.encoder, db)
    let url = VectorFiles.path(folder: folder, generation: generation.id)
    let wanted = VectorFiles.byteCount(rows: generation.rowCount, columns: encoder.dimension)
    let found = SystemFile.size(of: url)
    guard found != wanted else { return }
    throw StoreError(
      .damaged,
      "\(url.path) \(found.map { "has \($0) bytes" } ?? "is missing"), but generation "
        + "\(generation.id) needs \(generation.rowCount) rows of \(encoder.dimension) floats, "
        + "\(wanted) bytes: build the generation again")
  }

  private func requireRowsInside(_ generation: GenerationRecord, _ db: Database) throws {
    let rows = try Int.fetchOne(db, sql: "SELECT nextRow FROM collection") ?? 0
    let last = try Int.fetchOne(
      db, sql: "SELECT max(row) FROM embedding WHERE generation = ?", arguments: [generation.id])
    guard (0...rows).contains(generation.rowCount), (last ?? -1) < generation.rowCount else {
      throw StoreError(
        .invalidArgument,
        "generation \(generation.id) cannot have \(generation.rowCount) rows: the collection "
          + "has \(rows), and the last embedding is of row \(last ?? -1)")
    }
  }
}
