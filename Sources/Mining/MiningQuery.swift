/// A query to mine negatives for.
public struct MiningQuery: Sendable, Equatable {
  /// Names the query in errors and output files, and keys its random draws.
  public var id: String
  /// Its row in the matrix of query embeddings.
  public var embeddingRow: Int
  /// Hash of the query's text by the function that made the passages' hashes; a passage of that
  /// hash is the query itself. Empty when not known.
  public var textHash: String
  /// Rows of the passages that answer it.
  public var positives: [Int]
  /// The row of the passage that is this query, when queries are passages themselves.
  public var ownRow: Int?

  /// A query with its known answers.
  public init(
    id: String, embeddingRow: Int, textHash: String, positives: [Int], ownRow: Int? = nil
  ) {
    self.id = id
    self.embeddingRow = embeddingRow
    self.textHash = textHash
    self.positives = positives
    self.ownRow = ownRow
  }
}

/// A passage that looks like an answer and is, as far as is known, none.
public struct HardNegative: Sendable, Equatable {
  /// The passage's row.
  public var row: Int
  /// Its rank in the index's answer, 0 being the best, before anything was removed.
  public var rank: Int
  /// Its score in the index's answer.
  public var score: Float

  /// A passage at that rank.
  public init(row: Int, rank: Int, score: Float) {
    self.row = row
    self.rank = rank
    self.score = score
  }
}

/// What was mined for one query.
public struct MinedQuery: Sendable, Equatable {
  /// The query's place in the list of queries given.
  public var query: Int
  /// Inner product of the query with each of its positives, in their order.
  public var positiveScores: [Float]
  /// At most `negativesPerQuery`, by ascending rank.
  public var negatives: [HardNegative]

  /// Negatives of the query at that place.
  public init(query: Int, positiveScores: [Float], negatives: [HardNegative]) {
    self.query = query
    self.positiveScores = positiveScores
    self.negatives = negatives
  }
}

/// The negatives of every query, in the order the queries were given, and what the rules did.
public struct MiningResult: Sendable, Equatable {
  /// One for each query given, in their order.
  public var queries: [MinedQuery]
  /// What the rules did, in numbers.
  public var report: MiningReport

  /// What a mining, or a test, found.
  public init(queries: [MinedQuery], report: MiningReport = MiningReport()) {
    self.queries = queries
    self.report = report
  }
}
