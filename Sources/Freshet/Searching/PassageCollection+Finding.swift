internal import Store
internal import Tensors
internal import VectorIndex

extension PassageCollection {
  /// The best rows for each query in a pinned generation, best first.
  ///
  /// - Parameters:
  ///   - texts: of the queries; looked at by a hybrid search only.
  ///   - queries: `(q, dimension)`.
  ///   - k: how many after the offset; `.max` means all.
  func findings(
    for texts: [String], _ queries: Matrix, in active: ActiveGeneration, k: Int,
    _ options: SearchOptions
  ) throws -> [[Finding]] {
    try options.validate()
    let scope = try scope(options.filter, active)
    let (wanted, isTooMany) = k.addingReportingOverflow(options.offset)
    let depth = min(isTooMany ? .max : wanted, max(scope.count, 1))
    guard !options.hybrid else {
      return try fusedFindings(for: texts, queries, in: active, scope, depth: depth, options)
        .map { Array($0.dropFirst(options.offset).prefix(k)) }
    }
    let found =
      if k == .max, let least = options.minimumScore {
        try neighbors(of: queries, in: active, scope, scoring: least, options)
      } else {
        try neighbors(of: queries, in: active, scope, k: depth, options)
      }
    return found.map { found in
      let found = options.minimumScore.map { least in found.prefix { $0.score >= least } }
        ?? found[...]
      return found.dropFirst(options.offset).prefix(k).map(Finding.init)
    }
  }

  /// The nearest rows of a scope.
  private func neighbors(
    of queries: Matrix, in active: ActiveGeneration, _ scope: SearchScope, k: Int,
    _ options: SearchOptions
  ) throws -> [[Neighbor]] {
    guard scope.count > 0 else { return [[Neighbor]](repeating: [], count: queries.rows) }
    if let rows = scope.few {
      return try ExactIndex(active.vectors.gathering(rows)).search(queries, k: k).map { found in
        found.map { Neighbor(row: rows[$0.row], score: $0.score) }
      }
    }
    // An index that is asked for much of what it holds visits all of it, more slowly than a scan.
    let isMost = k > 1024 && k > active.record.rowCount / 8
    return try (options.exact || isMost ? active.exactIndex() : active.index).search(
      queries, k: k,
      parameters: SearchParameters(
        efSearch: options.efSearch, probes: options.probes, excludedRows: scope.excluded,
        threads: options.threads))
  }

  /// All rows of a scope from a score on; no index could save the look at every vector that shows
  /// where they end.
  private func neighbors(
    of queries: Matrix, in active: ActiveGeneration, _ scope: SearchScope, scoring least: Float,
    _ options: SearchOptions
  ) throws -> [[Neighbor]] {
    try active.exactIndex().search(
      queries, scoring: least,
      parameters: SearchParameters(excludedRows: scope.excluded, threads: options.threads))
  }

  /// Rows by the fusion of both rankings.
  private func fusedFindings(
    for texts: [String], _ queries: Matrix, in active: ActiveGeneration, _ scope: SearchScope,
    depth: Int, _ options: SearchOptions
  ) throws -> [[Finding]] {
    let depth = max(depth, RankFusion.depth)
    let dense = try neighbors(of: queries, in: active, scope, k: depth, options)
    // To read all words into memory takes about as long as to ask the database this often.
    let inMemory = texts.count > 64 ? try store.fullTextIndex() : nil
    let asked = try inMemory == nil ? [] : store.words(of: texts)
    return try texts.indices.map { i in
      let mayBeFound = { row in row < active.record.rowCount && !scope.excluded.contains(row) }
      let words =
        try inMemory.map { $0.bm25(asked[i], limit: depth, where: mayBeFound) }
        ?? store.bm25(texts[i], limit: depth, where: mayBeFound)
      var fused = RankFusion.fuse(dense: dense[i], words: words)
      score(&fused, by: queries[rows: i..<i + 1], active.vectors)
      if let least = options.minimumScore { fused.removeAll { ($0.denseScore ?? least) < least } }
      return fused.map(Finding.init)
    }
  }

  /// Gives rows that only BM25 found their inner product too.
  private func score(_ fused: inout [FusedRanks], by query: Matrix, _ vectors: Matrix) {
    let missing = fused.indices.filter { fused[$0].denseScore == nil }
    guard !missing.isEmpty else { return }
    let scores = product(
      query, vectors.gathering(missing.map { fused[$0].row }), transposeB: true)
    for (column, i) in missing.enumerated() { fused[i].denseScore = scores[0, column] }
  }
}
