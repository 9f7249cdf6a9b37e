/// A query to mine negatives for.
public struct MiningQuery: Sendable, Equatable {
  /// Names the query in errors and output files, and keys its random draws.
  public var id: String
  /// Key of the query's text; a passage of that key is the query itself. `nil` when not known.
  public var textKey: TextKey?
  /// Rows of the passages that answer it.
  public var positives: [Int]
  /// The row of the passage that is this query, when queries are passages themselves.
  public var ownRow: Int?

  /// A query with its known answers.
  public init(id: String, textKey: TextKey? = nil, positives: [Int], ownRow: Int? = nil) {
    self.id = id
    self.textKey = textKey
    self.positives = positives
    self.ownRow = ownRow
  }
}

/// Where a negative was found.
public enum CandidateSource: String, Sendable, Codable, CaseIterable, CodingKeyRepresentable {
  /// Among the index's answers.
  case dense
  /// Among the answers of a lexical search.
  case bm25
  /// Drawn from all passages, to fill up a query that has too few.
  case random
}

/// A passage that looks like an answer and is, as far as is known, none.
public struct HardNegative: Sendable, Equatable {
  /// The passage's row.
  public var row: Int
  /// Its rank in its source's answer, 0 being the best, before anything was removed; -1 for a
  /// passage drawn at random, which has none.
  public var rank: Int
  /// Inner product of the query's and the passage's embedding, whatever the source.
  public var score: Float
  /// Where it was found.
  public var source: CandidateSource
  /// What a second scorer says of it, when one was asked and knows.
  public var crossScore: Float?
  /// Whether it is one of the query's positives, which only `includesPositives` lets through.
  public var isPositive: Bool

  /// A passage at that rank.
  public init(
    row: Int, rank: Int, score: Float, source: CandidateSource = .dense, crossScore: Float? = nil,
    isPositive: Bool = false
  ) {
    self.row = row
    self.rank = rank
    self.score = score
    self.source = source
    self.crossScore = crossScore
    self.isPositive = isPositive
  }
}

/// What was mined for one query.
public struct MinedQuery: Sendable, Equatable {
  /// The query's place among all that were mined for.
  public var query: Int
  /// Inner product of the query with each of its positives, in their order.
  public var positiveScores: [Float]
  /// Those of the index by ascending rank, then those of the lexical search, then random ones.
  public var negatives: [HardNegative]
  /// Whether it has too few and is to be left out (`ShortagePolicy.drop`).
  public var isDropped: Bool
  /// The candidates that the rules on identity and scores left, of both searches; empty unless the
  /// miner was told to keep them.
  public var candidates: [HardNegative]

  /// Negatives of the query at that place.
  public init(
    query: Int, positiveScores: [Float], negatives: [HardNegative], isDropped: Bool = false,
    candidates: [HardNegative] = []
  ) {
    self.query = query
    self.positiveScores = positiveScores
    self.negatives = negatives
    self.isDropped = isDropped
    self.candidates = candidates
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
