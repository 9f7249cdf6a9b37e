internal import Tensors

/// What one call of FAISS is asked.
struct FaissRequest: Equatable {
  /// Results per query, 1 or more.
  var depth: Int
  /// HNSW: breadth of the walk.
  var breadth = 1
  /// IVF: lists visited.
  var probes = 1
  /// HNSW: all stored vectors instead of the graph.
  var exhaustive = false
  /// OpenMP threads.
  var threads = 1
}

extension RecipeShape {
  /// Whether FAISS leaves rows out by itself. Plain PQ refuses a selector in 1.7.3.
  var filters: Bool {
    switch (storage, access) {
    case (.product, .scan), (.foreign, _): false
    default: true
    }
  }
}

extension FaissRequest {
  /// The first request of a search.
  ///
  /// - Parameters:
  ///   - wanted: results each query must get.
  ///   - allowed: rows that may be found.
  ///   - count: rows in the index.
  init(
    first shape: RecipeShape, wanted: Int, allowed: Int, count: Int,
    _ parameters: SearchParameters
  ) {
    // One more than wanted shows whether the last score is shared with a row beyond.
    depth = min(wanted + 1, count)
    threads = parameters.threads ?? Threads.count
    switch shape.access {
    case .scan, .foreign:
      if !shape.filters { depth = min(depth + min(count - allowed, 4 * wanted), count) }
    case .graph:
      // FAISS 1.7.3 keeps max(efSearch stored in the index, k) candidates whatever efSearch the
      // call gives, which only ends the walk: asking for `breadth` results makes the call's count.
      breadth = min(max(parameters.efSearch ?? SearchParameters.defaultEfSearch, depth), count)
      depth = breadth
      // A walk among rows that are nearly all left out finds little; a scan of the few is exact.
      exhaustive = 20 * allowed <= count
    case .lists(let lists):
      probes = min(parameters.probes ?? max(8, lists / 16), lists)
    }
  }

  /// Makes the request see more: for short answers more lists or a broader walk, for tied ones more
  /// results. False when nothing is unsatisfied, or everything was seen already.
  mutating func intensify(_ shape: RecipeShape, count: Int, _ verdict: Verdict) -> Bool {
    guard verdict.short || verdict.tied else { return false }
    let former = self
    switch shape.access {
    case .scan, .foreign:
      depth = min(4 * depth, count)
    case .lists(let lists):
      if verdict.tied || probes == lists { depth = min(4 * depth, count) }
      if verdict.short { probes = min(4 * probes, lists) }
    case .graph:
      if exhaustive {
        depth = min(4 * depth, count)
      } else if 4 * breadth >= count || (verdict.short && breadth > 1024) {
        exhaustive = true
      } else {
        breadth *= 4
        depth = max(depth, breadth)
      }
    }
    return self != former
  }
}
