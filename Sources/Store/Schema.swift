import GRDB

/// The tables. Migrations are frozen once released: a change is a new one at the end.
enum Schema {
  /// `PRAGMA application_id` of a collection: "FRSH".
  static let applicationID = 0x4652_5348

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("0001 passages, generations") { db in
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: counters + passages + encoders + generations + embeddings)
    }
    return migrator
  }

  /// One row: the next numbers to give out (never given twice), and a count of visible changes.
  private static let counters = """
    CREATE TABLE collection (
      one INTEGER PRIMARY KEY CHECK (one = 1),
      createdAt TEXT,
      nextRow INTEGER NOT NULL,
      nextGeneration INTEGER NOT NULL,
      revision INTEGER NOT NULL
    );
    INSERT INTO collection VALUES (1, NULL, 0, 0, 0);

    """

  /// `idKey` is the id in Unicode's composed form, so that ids that Swift holds equal are one.
  /// `passageState` answers "which rows are alive, and with which text" without reading the texts.
  private static let passages = """
    CREATE TABLE passage (
      row INTEGER PRIMARY KEY,
      idKey TEXT NOT NULL,
      id TEXT NOT NULL,
      textHash TEXT NOT NULL,
      deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      metadata TEXT
    );
    CREATE UNIQUE INDEX passageID ON passage (idKey) WHERE deleted = 0;
    CREATE INDEX passageState ON passage (deleted, row, textHash);

    """

  private static let encoders = """
    CREATE TABLE encoder (
      fingerprint TEXT PRIMARY KEY,
      dimension INTEGER NOT NULL CHECK (dimension > 0),
      path TEXT NOT NULL,
      name TEXT NOT NULL,
      createdAt TEXT NOT NULL
    );
    CREATE TABLE corrector (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      fromEncoder TEXT NOT NULL REFERENCES encoder (fingerprint),
      toEncoder TEXT NOT NULL REFERENCES encoder (fingerprint),
      sampleSize INTEGER NOT NULL,
      seed INTEGER NOT NULL,
      judged TEXT NOT NULL,
      createdAt TEXT NOT NULL
    );

    """

  /// The last activation is the one in force; `previous` is where a rollback from it goes.
  private static let generations = """
    CREATE TABLE generation (
      id INTEGER PRIMARY KEY,
      encoder TEXT NOT NULL REFERENCES encoder (fingerprint),
      parent INTEGER REFERENCES generation (id),
      corrector TEXT REFERENCES corrector (id),
      createdAt TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('building', 'ready')),
      rowCount INTEGER NOT NULL DEFAULT 0,
      encoded INTEGER NOT NULL DEFAULT 0,
      corrected INTEGER NOT NULL DEFAULT 0,
      vectorsSHA256 TEXT
    );
    CREATE TABLE activation (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      generation INTEGER NOT NULL REFERENCES generation (id),
      kind TEXT NOT NULL CHECK (kind IN ('activate', 'rollback')),
      previous INTEGER REFERENCES activation (id),
      createdAt TEXT NOT NULL
    );

    """

  private static let embeddings = """
    CREATE TABLE embedding (
      generation INTEGER NOT NULL REFERENCES generation (id) ON DELETE CASCADE,
      row INTEGER NOT NULL,
      provenance TEXT NOT NULL CHECK (provenance IN ('encoded', 'corrected')),
      predictedError REAL,
      textHash TEXT NOT NULL,
      PRIMARY KEY (generation, row)
    ) WITHOUT ROWID;

    """
}
