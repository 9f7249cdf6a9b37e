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
    migrator.registerMigration("0002 full text") { db in
      try db.execute(sql: fullText)
      try db.execute(sql: "INSERT INTO passageText (passageText) VALUES ('rebuild')")
    }
    return migrator
  }

  /// Whether a database has at least the tables that every reader needs. Those of later migrations
  /// come with the next writing open; what needs them says so until then.
  static func isReadable(_ db: Database) throws -> Bool {
    try !migrator.completedMigrations(db).isEmpty
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

  /// Words of the passages alive, for BM25: https://www.sqlite.org/fts5.html, an external-content
  /// table that holds the words' places and no second copy of the texts. The trigger order matters:
  /// FTS5 is told the old words to forget before it is told the new ones.
  private static let fullText = """
    CREATE VIEW passageAlive AS SELECT row, title, text FROM passage WHERE deleted = 0;
    CREATE VIRTUAL TABLE passageText USING fts5 (
      title, text, content = 'passageAlive', content_rowid = 'row',
      tokenize = 'unicode61 remove_diacritics 2'
    );
    CREATE VIRTUAL TABLE passageTerm USING fts5vocab ('passageText', 'row');
    CREATE VIRTUAL TABLE passageTermPlace USING fts5vocab ('passageText', 'instance');
    CREATE TRIGGER passageTextInserted AFTER INSERT ON passage WHEN new.deleted = 0 BEGIN
      INSERT INTO passageText (rowid, title, text) VALUES (new.row, new.title, new.text);
    END;
    CREATE TRIGGER passageTextDeleted AFTER DELETE ON passage WHEN old.deleted = 0 BEGIN
      INSERT INTO passageText (passageText, rowid, title, text)
      VALUES ('delete', old.row, old.title, old.text);
    END;
    CREATE TRIGGER passageTextChanged AFTER UPDATE OF title, text, deleted ON passage
    WHEN old.deleted IS NOT new.deleted OR old.title IS NOT new.title OR old.text IS NOT new.text
    BEGIN
      INSERT INTO passageText (passageText, rowid, title, text)
      SELECT 'delete', old.row, old.title, old.text WHERE old.deleted = 0;
      INSERT INTO passageText (rowid, title, text)
      SELECT new.row, new.title, new.text WHERE new.deleted = 0;
    END;

    """
}
