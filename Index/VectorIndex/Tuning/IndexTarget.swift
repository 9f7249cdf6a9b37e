/// What an index has to reach.
public struct IndexTarget: Sendable, Equatable, Codable {
  /// The share of the true `k` neighbours that searches must find, 0 to 1.
  public var recall: Double
  /// Neighbours per query that the share is measured on.
  public var k: Int
  /// Bytes that the index may hold in memory, besides the mapped vectors; nil for no limit.
  public var memory: Int?

  /// 95 of 100 of the ten nearest, in as much memory as it takes, unless given.
  public init(recall: Double = 0.95, k: Int = 10, memory: Int? = nil) {
    self.recall = recall
    self.k = k
    self.memory = memory
  }

  func check() throws(IndexError) {
    guard recall > 0, recall <= 1 else {
      throw IndexError(.invalidArgument, "the recall to reach must lie in 0 to 1, was \(recall)")
    }
    guard k >= 1 else { throw IndexError(.invalidArgument, "k must be at least 1, was \(k)") }
    guard memory ?? 1 > 0 else {
      throw IndexError(.invalidArgument, "the memory must be positive, was \(memory ?? 0)")
    }
  }
}

/// The parameters that searches use when their caller gives none, and what they were found to reach.
public struct IndexTuning: Sendable, Equatable, Codable {
  /// See ``SearchParameters``.
  public var efSearch: Int?, probes: Int?
  /// Whether candidates are ordered by the vectors themselves.
  public var exactReRank: Bool
  /// The share of the true `k` neighbours found, on so many held-out queries.
  public var recall: Double, k: Int, queries: Int
}

extension SearchParameters {
  /// These, with what the index was tuned to where nothing is said.
  func filled(by tuning: IndexTuning?) -> SearchParameters {
    guard let tuning else { return self }
    var filled = self
    filled.efSearch = efSearch ?? tuning.efSearch
    filled.probes = probes ?? tuning.probes
    filled.exactReRank = exactReRank || tuning.exactReRank
    return filled
  }
}
