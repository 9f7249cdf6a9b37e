/// A passage that holds words of a query.
public struct TextMatch: Sendable, Equatable {
  /// The passage's row.
  public var row: Int
  /// Its BM25 score: higher is better, above 0.
  public var score: Double

  /// Makes a match.
  public init(row: Int, score: Double) { (self.row, self.score) = (row, score) }
}
