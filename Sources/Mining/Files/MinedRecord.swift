/// A query with its positives and negatives in full: what every format is written from.
public struct MinedRecord: Sendable, Equatable {
  /// A passage of the record.
  public struct Passage: Sendable, Equatable {
    /// Its id, title and text; title and text may be empty where nobody knows them.
    public var id: String, title: String, text: String
    /// Its inner product with the query.
    public var score: Float
    /// How its embedding was made: `encoded` or `corrected`.
    public var provenance: String

    /// A passage of that score.
    public init(id: String, title: String, text: String, score: Float, provenance: String) {
      (self.id, self.title, self.text) = (id, title, text)
      self.score = score
      self.provenance = provenance
    }

    /// Title and text as the encoder is given them.
    var whole: String { title.isEmpty ? text : title + " " + text }
  }

  /// The query's id and text.
  public var queryID: String, query: String
  /// Answers to the query in words; empty where nobody knows them.
  public var answers: [String]
  /// The generation of the embeddings; -1 for vectors of no collection.
  public var generation: Int
  /// The query's positives.
  public var positives: [Passage]
  /// Its negatives, and what mining says of them.
  public var negatives: [(passage: Passage, mined: HardNegative)]

  /// A record of those parts.
  public init(
    queryID: String, query: String, answers: [String], generation: Int, positives: [Passage],
    negatives: [(passage: Passage, mined: HardNegative)]
  ) {
    (self.queryID, self.query, self.answers) = (queryID, query, answers)
    self.generation = generation
    self.positives = positives
    self.negatives = negatives
  }

  public static func == (a: MinedRecord, b: MinedRecord) -> Bool {
    a.queryID == b.queryID && a.query == b.query && a.answers == b.answers
      && a.generation == b.generation && a.positives == b.positives
      && a.negatives.map(\.passage) == b.negatives.map(\.passage)
      && a.negatives.map(\.mined) == b.negatives.map(\.mined)
  }
}
