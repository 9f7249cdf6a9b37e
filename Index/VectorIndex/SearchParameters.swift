/// What one search may set. Parameters belong to the call: nothing here changes the index, so
/// searches with different parameters may run side by side.
public struct SearchParameters: Sendable, Equatable {
  /// Finds more candidates than asked (four times `k`, at least 64) and orders them by their exact
  /// float32 inner product. Makes a difference for recipes that store compressed vectors (SQ, PQ);
  /// these need the vectors to have been attached to the index. Others score exactly anyhow.
  public var exactReRank: Bool
  /// HNSW: breadth of the search; higher finds more of the true neighbours and takes longer.
  /// `nil` is ``defaultEfSearch``. Never lower in effect than `k`. Ignored by other recipes.
  public var efSearch: Int?
  /// IVF: how many lists are visited. `nil` is a sixteenth of them, at least 8. Visited are more
  /// for a query that would otherwise get fewer than `k` results. Ignored by other recipes.
  public var probes: Int?
  /// Rows that must not be found: deleted passages, or those a filter leaves out.
  public var excludedRows: RowSet
  /// Threads of this call; `nil` is `Threads.count`. A service that answers several clients at
  /// once should say 1.
  public var threads: Int?

  /// The breadth of a walk that nothing else was said about.
  public static let defaultEfSearch = 64

  /// Parameters with everything left to the index unless given.
  public init(
    exactReRank: Bool = false, efSearch: Int? = nil, probes: Int? = nil,
    excludedRows: RowSet = [], threads: Int? = nil
  ) {
    self.exactReRank = exactReRank
    self.efSearch = efSearch
    self.probes = probes
    self.excludedRows = excludedRows
    self.threads = threads
  }

  /// Throws `IndexError.invalidArgument` for numbers below 1.
  func validate() throws(IndexError) {
    for (name, value) in [("efSearch", efSearch), ("probes", probes), ("threads", threads)] {
      if let value, value < 1 || value > Int(Int32.max) {
        throw IndexError(.invalidArgument, "\(name) must be at least 1, was \(value)")
      }
    }
  }
}
