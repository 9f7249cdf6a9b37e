import Foundation
import GRDB

extension Store {
  /// Makes an encoder known, or a known one's new path and name.
  ///
  /// - Throws: `StoreError.invalidArgument` when the fingerprint is known with another dimension,
  ///   or the path is neither absolute nor `encoders/<name>`.
  public func register(_ encoder: EncoderRecord) throws {
    try requireUsable(encoder)
    try write("registering an encoder", visible: false) { db in
      if let known = try Self.encoder(encoder.fingerprint, db),
        known.dimension != encoder.dimension
      {
        throw StoreError(
          .invalidArgument,
          "encoder \(encoder.fingerprint) is known with dimension \(known.dimension), "
            + "not \(encoder.dimension): a fingerprint names one encoder")
      }
      try db.execute(
        sql: """
          INSERT INTO encoder (fingerprint, dimension, path, name, createdAt)
          VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (fingerprint) DO UPDATE SET path = excluded.path, name = excluded.name
          """,
        arguments: [
          encoder.fingerprint, encoder.dimension, encoder.path, encoder.name, encoder.createdAt,
        ])
    }
  }

  /// The encoder of this fingerprint; nil when the collection does not know it.
  public func encoder(fingerprint: String) throws -> EncoderRecord? {
    try read("reading an encoder") { try Self.encoder(fingerprint, $0) }
  }

  /// All encoders, oldest first.
  public func encoders() throws -> [EncoderRecord] {
    try read("reading encoders") { db in
      try Row.fetchAll(db, sql: "SELECT * FROM encoder ORDER BY createdAt, fingerprint")
        .map { EncoderRecord($0) }
    }
  }

  /// Makes a corrector known; its file should stand in `correctors/` by then.
  ///
  /// - Throws: `StoreError.duplicateID`; `unknownEncoder` naming the fingerprint;
  ///   `invalidArgument` for an id that cannot name a file.
  public func register(_ corrector: CorrectorRecord) throws {
    try requireFileName(corrector.id, "a corrector's id")
    try write("registering a corrector", visible: false) { db in
      for fingerprint in [corrector.fromEncoder, corrector.toEncoder] {
        _ = try requireEncoder(fingerprint, db)
      }
      guard try Self.corrector(corrector.id, db) == nil else {
        throw StoreError(
          .duplicateID, "\(folder.path) has a corrector \(corrector.id) already: use another id")
      }
      try db.execute(
        sql: "INSERT INTO corrector VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          corrector.id, corrector.kind, corrector.fromEncoder, corrector.toEncoder,
          corrector.sampleSize, corrector.seed, corrector.judged, corrector.createdAt,
        ])
    }
  }

  /// The corrector of this id; nil when the collection has none.
  public func corrector(id: String) throws -> CorrectorRecord? {
    try read("reading a corrector") { try Self.corrector(id, $0) }
  }
}

extension Store {
  /// The encoder of this fingerprint, or `unknownEncoder`.
  func requireEncoder(_ fingerprint: String, _ db: Database) throws -> EncoderRecord {
    guard let encoder = try Self.encoder(fingerprint, db) else {
      throw StoreError(
        .unknownEncoder,
        "\(folder.path) does not know an encoder \(fingerprint): register it first")
    }
    return encoder
  }

  static func corrector(_ id: String, _ db: Database) throws -> CorrectorRecord? {
    try Row.fetchOne(db, sql: "SELECT * FROM corrector WHERE id = ?", arguments: [id])
      .map { CorrectorRecord($0) }
  }

  private static func encoder(_ fingerprint: String, _ db: Database) throws -> EncoderRecord? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM encoder WHERE fingerprint = ?", arguments: [fingerprint]
    ).map { EncoderRecord($0) }
  }

  private func requireUsable(_ encoder: EncoderRecord) throws {
    guard encoder.dimension > 0 else {
      throw StoreError(
        .invalidArgument, "encoder \(encoder.fingerprint) has dimension \(encoder.dimension)")
    }
    try requireFileName(encoder.fingerprint, "a fingerprint")
    guard !encoder.path.hasPrefix("/") else { return }
    let inside = encoder.path.split(separator: "/", omittingEmptySubsequences: false)
    guard inside.count == 2, inside[0] == "encoders" else {
      throw StoreError(
        .invalidArgument,
        "the path of encoder \(encoder.fingerprint) is neither absolute nor encoders/<name>: "
          + "\"\(encoder.path)\"")
    }
    try requireFileName(String(inside[1]), "an encoder's folder")
  }

  private func requireFileName(_ name: String, _ what: String) throws {
    guard name.isEmpty || name.hasPrefix(".") || name.contains("/") || name.utf8.contains(0) else {
      return
    }
    throw StoreError(.invalidArgument, "\(what) must be able to name a file, was \"\(name)\"")
  }
}
