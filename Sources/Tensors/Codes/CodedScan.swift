internal import CKernels

/// A scan of codes, made exact: what the codes leave possible is compared by its floats.
struct CodedScan: Sendable {
  private let vectors: Matrix
  private let coded: CodedVectors
  private let wanted: Wanted
  private let excluded: (@Sendable (Int) -> Bool)?

  private enum Wanted {
    case best(Int)
    case scoring(Float)
  }

  /// Queries that are scored together: their scores of a chunk fill a fraction of the cache.
  private static let queryBlock = 48

  init(
    _ vectors: Matrix, _ coded: CodedVectors, k: Int, _ excluded: (@Sendable (Int) -> Bool)?
  ) {
    self.init(vectors, coded, .best(k), excluded)
  }

  init(
    _ vectors: Matrix, _ coded: CodedVectors, least: Float,
    _ excluded: (@Sendable (Int) -> Bool)?
  ) {
    self.init(vectors, coded, .scoring(least), excluded)
  }

  private init(
    _ vectors: Matrix, _ coded: CodedVectors, _ wanted: Wanted,
    _ excluded: (@Sendable (Int) -> Bool)?
  ) {
    self.vectors = vectors
    self.coded = coded
    self.wanted = wanted
    self.excluded = excluded
  }

  /// Many queries are shared out among the threads; for few, the rows are.
  func search(_ queries: Matrix, threads: Int) -> [[Neighbor]] {
    let blocks = (queries.rows + Self.queryBlock - 1) / Self.queryBlock
    let parts = blocks >= 2 * threads ? 1 : max(1, min(threads, coded.chunks))
    let ranges = (0..<blocks).map {
      $0 * Self.queryBlock..<min(($0 + 1) * Self.queryBlock, queries.rows)
    }
    if parts > 1 {
      return ranges.flatMap { searchSplit(queries[rows: $0], parts) }
    }
    guard threads > 1 else { return ranges.flatMap { searchWhole(queries[rows: $0]) } }
    return ranges.concurrentMap { searchWhole(queries[rows: $0]) }.flatMap { $0 }
  }

  private func searchWhole(_ queries: Matrix) -> [[Neighbor]] {
    rank(sift(CodedQueries(queries), 0..<coded.chunks), queries)
  }

  private func searchSplit(_ queries: Matrix, _ parts: Int) -> [[Neighbor]] {
    let coding = CodedQueries(queries)
    let found = Array(0..<parts).concurrentMap { part in
      sift(coding, coded.chunks * part / parts..<coded.chunks * (part + 1) / parts)
    }
    var merged = found[0]
    for other in found.dropFirst() {
      for query in merged.indices { merged[query].merge(other[query]) }
    }
    return rank(merged, queries)
  }

  /// What the rows of some chunks leave possible.
  private func sift(_ queries: CodedQueries, _ chunks: Range<Int>) -> [Candidates] {
    var candidates = [Candidates](repeating: empty, count: queries.count)
    let scores = Buffer(uninitialized: queries.count * CodedVectors.chunkRows)
    unsafe queries.withKernelQueries { kernelQueries in
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: CodedVectors.chunkRows) {
        for chunk in chunks {
          unsafe coded.score(chunk, against: kernelQueries, into: scores.base)
          for query in candidates.indices {
            unsafe offer(
              chunk, scores.base + query * CodedVectors.chunkRows, queries.bounds[query], $0,
              to: &candidates[query])
          }
        }
      }
    }
    return candidates
  }

  private var empty: Candidates {
    switch wanted {
    case .best(let k): Candidates(k: k)
    case .scoring(let least): Candidates(scoring: least)
    }
  }

  private func offer(
    _ chunk: Int, _ scores: UnsafePointer<Float>, _ bound: ScoreBound,
    _ places: UnsafeMutableBufferPointer<UInt32>, to candidates: inout Candidates
  ) {
    let rows = coded.rows(ofChunk: chunk)
    let least = candidates.threshold - bound.error(coded.chunkLosses[chunk])
    let count = unsafe ck_places_from(scores, rows.count, least, places.baseAddress)
    for place in 0..<count {
      let offset = unsafe Int(places[place])
      let row = rows.lowerBound + offset
      let (score, error) = unsafe (scores[offset], bound.error(coded.losses[row]))
      guard score + error >= candidates.threshold else { continue }
      if let excluded, excluded(row) { continue }
      candidates.offer(row: row, score: score, error: error)
    }
  }

  /// Compares the candidates exactly, the most promising first, until no other can be better.
  private func rank(_ candidates: [Candidates], _ queries: Matrix) -> [[Neighbor]] {
    let width = vectors.columns
    return unsafe queries.withUnsafeElements { queries in
      unsafe vectors.withUnsafeElements { vectors in
        guard let query = queries.baseAddress, let vector = vectors.baseAddress else { return [] }
        return candidates.enumerated().map { i, candidates in
          rank(candidates) { row in
            unsafe exactScore(query + i * width, vector + row * width, width)
          }
        }
      }
    }
  }

  private func rank(_ candidates: Candidates, _ score: (Int) -> Float) -> [Neighbor] {
    switch wanted {
    case .best(let k):
      var best = BestNeighbors(k: k)
      for candidate in candidates.ordered() {
        if candidate.upper < best.threshold { break }
        best.offer(Neighbor(row: candidate.row, score: score(candidate.row)))
      }
      return best.sorted()
    case .scoring(let least):
      return candidates.found.map { Neighbor(row: $0.row, score: score($0.row)) }
        .filter { $0.score >= least }.sorted(by: Neighbor.precedes)
    }
  }
}
