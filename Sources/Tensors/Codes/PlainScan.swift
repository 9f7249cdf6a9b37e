/// A scan of the floats themselves.
struct PlainScan: Sendable {
  private let vectors: Matrix
  private let k: Int
  private let least: Float
  private let excluded: (@Sendable (Int) -> Bool)?

  /// - Parameters:
  ///   - k: rows to find at most.
  ///   - least: the lowest score to find.
  init(_ vectors: Matrix, k: Int, least: Float, _ excluded: (@Sendable (Int) -> Bool)?) {
    self.vectors = vectors
    self.k = k
    self.least = least
    self.excluded = excluded
  }

  func search(_ queries: Matrix, threads: Int) -> [[Neighbor]] {
    let parts = max(1, min(threads, vectors.rows / 1024))
    let found = Array(0..<parts).concurrentMap { part in
      scan(queries, vectors.rows * part / parts..<vectors.rows * (part + 1) / parts)
    }
    return (0..<queries.rows).map { query in
      let merged = found.flatMap { $0[query].sorted() }
      return parts == 1 ? merged : Array(merged.sorted(by: Neighbor.precedes).prefix(k))
    }
  }

  private func scan(_ queries: Matrix, _ rows: Range<Int>) -> [BestNeighbors] {
    var best = [BestNeighbors](repeating: BestNeighbors(k: k), count: queries.rows)
    let width = vectors.columns
    unsafe queries.withUnsafeElements { queries in
      unsafe vectors.withUnsafeElements { vectors in
        guard let query = queries.baseAddress, let vector = vectors.baseAddress else { return }
        for row in rows {
          if let excluded, excluded(row) { continue }
          for i in best.indices {
            let score = unsafe exactScore(query + i * width, vector + row * width, width)
            guard score >= least, best[i].accepts(score, row: row) else { continue }
            best[i].insert(Neighbor(row: row, score: score))
          }
        }
      }
    }
    return best
  }
}
