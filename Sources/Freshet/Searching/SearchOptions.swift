public import Store

/// What one search may set.
public struct SearchOptions: Sendable, Equatable {
  /// Compare with every passage instead of asking the index.
  public var exact: Bool
  /// HNSW: breadth of the search; IVF: lists visited. Nil leaves it to the index.
  public var efSearch: Int?, probes: Int?
  /// Threads of the search; nil means all. A service that answers many at once says 1.
  public var threads: Int?
  /// Only passages this holds for are found, and k of them when there are as many. The first search
  /// with a filter reads all metadata; what passes is kept until the collection changes. Few
  /// passages that pass are compared one by one, without the index.
  public var filter: PassageFilter?
  /// Only passages whose embedding scores at least this are found; of a hybrid search too, where
  /// hits carry another score.
  public var minimumScore: Float?
  /// The best so many are passed over: the second page of ten has offset 10.
  public var offset: Int
  /// Rank by the passages' words too: reciprocal rank fusion of the embedding's ranks and BM25's.
  public var hybrid: Bool

  /// Options with everything left to the collection unless given.
  public init(
    exact: Bool = false, efSearch: Int? = nil, probes: Int? = nil, threads: Int? = nil,
    filter: PassageFilter? = nil, minimumScore: Float? = nil, offset: Int = 0,
    hybrid: Bool = false
  ) {
    self.exact = exact
    self.efSearch = efSearch
    self.probes = probes
    self.threads = threads
    self.filter = filter
    self.minimumScore = minimumScore
    self.offset = offset
    self.hybrid = hybrid
  }

  /// - Throws: `FreshetError.badInput` for an offset below 0 or a score that is no number.
  func validate() throws(FreshetError) {
    guard offset >= 0 else {
      throw FreshetError(.badInput, "the offset must be at least 0, was \(offset)")
    }
    if let minimumScore, minimumScore.isNaN {
      throw FreshetError(.badInput, "the minimum score is no number")
    }
  }
}
