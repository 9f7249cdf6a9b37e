internal import Foundation
public import Tensors

/// How an index answered some queries: how much of the truth, and how fast.
public struct IndexMeasurement: Sendable, Codable, Equatable {
  /// How the index is built, as a FAISS factory string.
  public var recipe: String
  /// The parameters of the searches, where they were given.
  public var efSearch: Int?, probes: Int?
  /// Threads of the batch. Single queries are asked on one.
  public var threads: Int
  /// Neighbours per query, and the share of the true ones found.
  public var k: Int, recall: Double
  /// Milliseconds of a query asked by itself: half took at most this, and 99 of 100.
  public var medianMilliseconds: Double, p99Milliseconds: Double
  /// Queries per second when all are asked at once: the best of the rounds.
  public var queriesPerSecond: Double
}

extension VectorIndex {
  /// Asks queries one by one and all at once, and compares the answers with the truth.
  ///
  /// - Parameters:
  ///   - queries: `(q, d)`, q ≥ 1; asked once before anything is timed.
  ///   - truth: what exact search answers, `k` or more per query.
  ///   - singles: how many of the queries are also asked one by one, in each round.
  ///   - rounds: of which the fastest time of each query counts, and of the batch.
  /// - Throws: as ``search(_:k:parameters:)``.
  public func measure(
    _ queries: Matrix, truth: [[Neighbor]], k: Int, parameters: SearchParameters,
    singles: Int = 1000, rounds: Int = 3, clock: ContinuousClock
  ) throws(IndexError) -> IndexMeasurement {
    let found = try search(queries, k: k, parameters: parameters)
    var alone = parameters
    alone.threads = 1
    var fastest = [Double](repeating: .infinity, count: min(singles, queries.rows))
    var batch = Double.infinity
    for _ in 0..<rounds {
      for query in fastest.indices {
        let start = clock.now
        _ = try search(queries[rows: query..<query + 1], k: k, parameters: alone)
        fastest[query] = min(fastest[query], (clock.now - start) / .milliseconds(1))
      }
      let start = clock.now
      _ = try search(queries, k: k, parameters: parameters)
      batch = min(batch, (clock.now - start) / .seconds(1))
    }
    fastest.sort()
    return IndexMeasurement(
      recipe: recipe, efSearch: parameters.efSearch, probes: parameters.probes,
      threads: parameters.threads ?? Threads.count, k: k,
      recall: neighborRecall(found, of: truth, k: k),
      medianMilliseconds: fastest.isEmpty ? 0 : fastest[fastest.count / 2],
      p99Milliseconds: fastest.isEmpty ? 0 : fastest[fastest.count * 99 / 100],
      queriesPerSecond: Double(queries.rows) / batch)
  }
}
