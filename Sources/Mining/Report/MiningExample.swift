/// One query of a report, to be read: its positives, what was kept, and what was removed and why.
public struct MiningExample: Sendable, Codable, Equatable {
  /// A passage of the example.
  public struct Passage: Sendable, Codable, Equatable {
    /// Its row.
    public var row: Int
    /// Its inner product with the query.
    public var score: Float
    /// Its rank, where it was found, and the rule that removed it; `nil` for a positive.
    public var rank: Int?, source: CandidateSource?, rule: RemovalRule?
    /// Its id and the beginning of its text; whoever knows them fills them in.
    public var id: String?, text: String?

    /// A passage of that score.
    public init(row: Int, score: Float) {
      self.row = row
      self.score = score
    }

    init(_ negative: HardNegative, rule: RemovalRule? = nil) {
      self.init(row: negative.row, score: negative.score)
      (rank, source, self.rule) = (negative.rank, negative.source, rule)
    }
  }

  /// The query's id.
  public var query: String
  /// The query's text; whoever knows it fills it in.
  public var text: String?
  /// What answers it, what was kept as negative, and the first of what was removed.
  public var positives, kept, removed: [Passage]

  init(query: String, positives: [Passage], kept: [Passage], removed: [Passage]) {
    self.query = query
    self.positives = positives
    self.kept = kept
    self.removed = removed
  }
}
