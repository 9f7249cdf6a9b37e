internal import Tensors

/// A search of a graph (HNSW) by walks over 8-bit codes of its vectors.
///
/// A walk keeps the best nodes it meets by their codes; the best of those are scored by the vectors
/// themselves, so scores are exact. A query that would get fewer than `k` results although more rows
/// are allowed, or whose last score may be shared by rows beyond the answer, is asked again with a
/// broader walk, in the end by a look at all vectors.
struct GraphSearch {
  private let handle: FaissHandle
  private let vectors: Matrix
  private let scan: ExactScan
  private let parameters: SearchParameters
  private let k: Int
  /// Results each query must get.
  private let wanted: Int
  private let allowed: Int

  /// - Parameter index: a graph over codes, with its vectors at hand.
  init(_ index: FaissIndex, k: Int, _ parameters: SearchParameters) throws(IndexError) {
    guard let vectors = index.vectors, let scan = index.scan else {
      throw IndexError(.backend, "a graph over codes without its vectors")
    }
    handle = index.handle
    (self.vectors, self.scan) = (vectors, scan)
    self.k = k
    self.parameters = parameters
    allowed = vectors.rows - parameters.excludedRows.count(below: vectors.rows)
    wanted = min(k, allowed)
  }

  func find(_ queries: Matrix) throws(IndexError) -> [[Neighbor]] {
    var answers = [[Neighbor]](repeating: [], count: queries.rows)
    guard wanted > 0 else { return answers }
    var pending = Array(0..<queries.rows)
    var breadth = firstBreadth
    while !pending.isEmpty {
      let asked = pending.count == queries.rows ? queries : queries.gathering(pending)
      guard isWorthWalking(breadth) else {
        let found = scan.search(asked, k: k, parameters)
        for (place, query) in pending.enumerated() { answers[query] = found[place] }
        break
      }
      let found = try walk(asked, breadth: breadth)
      for (place, query) in pending.enumerated() {
        answers[query] = Array(found[place].neighbors.prefix(wanted))
      }
      pending = pending.enumerated().filter { !found[$0.offset].isEnough }.map(\.element)
      breadth *= 4
    }
    return answers
  }

  /// Nodes a walk keeps so that enough of them are allowed ones: one more than wanted shows whether
  /// the last score is shared.
  private var firstBreadth: Int {
    let breadth = max(parameters.efSearch ?? SearchParameters.defaultEfSearch, wanted + 1)
    return breadth * vectors.rows / max(allowed, 1)
  }

  /// A walk that keeps more than this share of all rows, with all those it looks at and does not
  /// keep, takes longer than a look at all codes in order (measured at 100,000 and a million rows of
  /// 384 dimensions), which is exact besides.
  private func isWorthWalking(_ breadth: Int) -> Bool { 160 * breadth <= vectors.rows }

  /// Results whose scores are exact: twice what is wanted, for codes misplace some.
  private func kept(_ breadth: Int) -> Int { min(breadth, max(2 * wanted + 10, 3 * wanted)) }

  private struct Answer {
    let neighbors: [Neighbor]
    let isEnough: Bool
  }

  private func walk(_ queries: Matrix, breadth: Int) throws(IndexError) -> [Answer] {
    let kept = kept(breadth)
    let threads = parameters.threads ?? Threads.count
    let parts = min(threads == 1 ? 1 : 8 * threads, queries.rows)
    let ranges = (0..<parts).map { queries.rows * $0 / parts..<queries.rows * ($0 + 1) / parts }
    let results = ranges.concurrentMap { range in
      Result { () throws(IndexError) in
        try handle.walk(
          queries[rows: range], vectors: vectors, breadth: breadth, kept: kept,
          excluding: parameters.excludedRows)
      }
    }
    var answers: [Answer] = []
    for result in results {
      let found = try result.get()
      answers += (0..<found.queries).map { answer(found, $0) }
    }
    return answers
  }

  private func answer(_ results: FaissResults, _ query: Int) -> Answer {
    let neighbors = results.neighbors(of: query, count: vectors.rows)
    guard neighbors.count >= wanted else { return Answer(neighbors: neighbors, isEnough: false) }
    // When all places are taken, a row beyond them may score what the last one does.
    let isTied = results.unseenScore(of: query) == neighbors[wanted - 1].score
    return Answer(neighbors: neighbors, isEnough: !isTied || neighbors.count == allowed)
  }
}
