public import Tensors
public import VectorIndex

/// What negatives are mined in, and who knows more about its passages.
///
/// Its closures are asked from several threads at once, `lexical` from one at a time.
public struct MiningGround: Sendable {
  /// (passages, d), row by passage row; may be mapped from a file.
  public var passageEmbeddings: Matrix
  /// Answers by inner product, its rows being passage rows.
  public var index: any VectorIndex
  /// Handed to the index; its excluded rows are not drawn at random either.
  public var parameters: SearchParameters
  /// What tells the passage at a row from others; `nil` when not known. Asked for every candidate.
  public var identity: @Sendable (_ row: Int) throws -> PassageIdentity?
  /// Passages that share words with a query, best first, for each of the queries, whose places
  /// among all are given: at most so many.
  public var lexical: (@Sendable (_ queries: Range<Int>, _ depth: Int) throws -> [[Neighbor]])?
  /// Whether the passage at `row` holds an answer to the query at that place among all; `nil` when
  /// the query's answers are not known.
  public var holdsAnswer: (@Sendable (_ query: Int, _ row: Int) throws -> Bool?)?
  /// What a second scorer says of a query, by id, and a passage; `nil` when it does not know them.
  public var crossScore: (@Sendable (_ query: String, _ row: Int) throws -> Float?)?

  /// A ground of which nothing more is known.
  public init(
    passageEmbeddings: Matrix, index: any VectorIndex,
    parameters: SearchParameters = SearchParameters(),
    identity: @escaping @Sendable (_ row: Int) throws -> PassageIdentity? = { _ in nil }
  ) {
    self.passageEmbeddings = passageEmbeddings
    self.index = index
    self.parameters = parameters
    self.identity = identity
  }
}
