public import Tensors

extension FaissIndex {
  /// The best `k` rows for each query.
  ///
  /// FAISS answers from what the recipe looks at. A query that would get fewer than `k` results
  /// although more rows are allowed is searched again with more lists or a broader walk, in the end
  /// through all vectors; and a query whose `k`-th score is shared by rows beyond the answer is
  /// searched deeper, so that ties fall to the lowest rows found.
  public func search(
    _ queries: Matrix, k: Int, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    try validate(queries, k: k, parameters)
    let parameters = parameters.filled(by: tuning)
    if let scan, shape == RecipeShape(storage: .full, access: .scan) {
      return scan.search(queries, k: k, parameters)
    }
    if isCoded { return try GraphSearch(self, k: k, parameters).find(queries) }
    if case .foreign = shape.access { try refuseForeignParameters(parameters) }
    guard parameters.exactReRank, !shape.scoresExactly else {
      return try completed(Finder(self, k: k, parameters).find(queries), queries, k, parameters)
    }
    guard let vectors else {
      throw IndexError(
        .invalidArgument,
        "exactReRank: a \(recipe) index holds compressed vectors; attach the originals to it")
    }
    let candidates = k < count / 4 ? max(4 * k, 64) : count
    let found = try Finder(self, k: max(candidates, 1), parameters).find(queries)
    return try completed(
      reRank(found, queries, vectors, k: k), queries, k, parameters)
  }

  /// All rows that score `least` or more: `Flat` by our own scan, others by searches for more and
  /// more neighbours, which a walk answers by a scan when they are many.
  public func search(
    _ queries: Matrix, scoring least: Float, parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    guard let scan, shape == RecipeShape(storage: .full, access: .scan) else {
      return try searchDeeper(queries, scoring: least, parameters: parameters)
    }
    try validate(queries, scoring: least, parameters)
    return scan.search(
      queries, scoring: least, threads: parameters.threads,
      excluding: parameters.excludedRows.asPredicate)
  }

  private func refuseForeignParameters(_ parameters: SearchParameters) throws(IndexError) {
    guard parameters.probes == nil, parameters.efSearch == nil else {
      throw IndexError(
        .invalidArgument,
        "recipe '\(recipe)' takes no probes or efSearch: FAISS \(FaissIndex.faissVersion) has no "
          + "such parameters of a call for it")
    }
  }

  /// A foreign kind may look at a part of the vectors only, and FAISS has no way to say more: queries
  /// that got too few results are answered by a look at all vectors.
  private func completed(
    _ found: [[Neighbor]], _ queries: Matrix, _ k: Int, _ parameters: SearchParameters
  ) throws(IndexError) -> [[Neighbor]] {
    guard case .foreign = shape.access, let scan else { return found }
    let wanted = min(k, count - parameters.excludedRows.count(below: count))
    let short = found.indices.filter { found[$0].count < wanted }
    guard !short.isEmpty else { return found }
    var found = found
    for (place, list) in scan.search(queries.gathering(short), k: k, parameters).enumerated() {
      found[short[place]] = list
    }
    return found
  }
}

/// Orders candidates by the exact inner product of query and vector.
private func reRank(
  _ candidates: [[Neighbor]], _ queries: Matrix, _ vectors: Matrix, k: Int
) -> [[Neighbor]] {
  candidates.enumerated().map { query, found in
    let rows = found.map(\.row).sorted()
    let scores = product(
      queries[rows: query..<query + 1], vectors.gathering(rows), transposeB: true)
    return topK(scores.elements, k: k).map { Neighbor(row: rows[$0.row], score: $0.score) }
  }
}

/// One search: asks FAISS, looks at each answer, and asks again for the queries it did not satisfy.
private struct Finder {
  let index: FaissIndex
  let excluded: RowSet
  /// Results each query must get.
  let wanted: Int
  let first: FaissRequest

  init(_ index: FaissIndex, k: Int, _ parameters: SearchParameters) {
    self.index = index
    excluded = parameters.excludedRows
    let allowed = index.count - excluded.count(below: index.count)
    wanted = min(k, allowed)
    first = FaissRequest(
      first: index.shape, wanted: wanted, allowed: allowed, count: index.count, parameters)
  }

  func find(_ queries: Matrix) throws(IndexError) -> [[Neighbor]] {
    var answers = [[Neighbor]](repeating: [], count: queries.rows)
    guard wanted > 0 else { return answers }
    var request = first
    var pending = Array(0..<queries.rows)
    while !pending.isEmpty {
      let verdict = try ask(request, for: pending, of: queries, into: &answers)
      guard request.intensify(index.shape, count: index.count, verdict) else { break }
      pending = verdict.again
    }
    return answers
  }

  /// Asks for the queries `pending`, in batches of bounded memory.
  private func ask(
    _ request: FaissRequest, for pending: [Int], of queries: Matrix,
    into answers: inout [[Neighbor]]
  ) throws(IndexError) -> Verdict {
    var verdict = Verdict()
    let batch = max(1, (1 << 20) / request.depth)
    for start in stride(from: 0, to: pending.count, by: batch) {
      let asked = pending[start..<min(start + batch, pending.count)]
      let results = try answer(request, queries.gathering(Array(asked)))
      for (place, query) in asked.enumerated() {
        let found = results.neighbors(of: place, count: index.count).filter {
          !excluded.contains($0.row)
        }
        answers[query] = Array(found.prefix(wanted))
        verdict.judge(query, found, wanted: wanted, unseen: results.unseenScore(of: place))
      }
    }
    return verdict
  }

  private func answer(
    _ request: FaissRequest, _ queries: Matrix
  ) throws(IndexError) -> FaissResults {
    var request = request
    request.threads = min(request.threads, queries.rows)
    return try unsafe queries.withUnsafeElements { (all) throws(IndexError) in
      try unsafe index.handle.search(
        all, n: queries.rows, request, excluding: index.shape.filters ? excluded : nil)
    }
  }
}

/// Which queries of a round must be asked again, and why.
struct Verdict {
  /// Queries with too few results, or with a tie at the end.
  var again: [Int] = []
  /// Some query got fewer results than it must.
  var short = false
  /// Some query's last score may be shared by a row that was not returned.
  var tied = false

  /// - Parameter unseen: the best score a row that was not returned may have, if FAISS saw it.
  mutating func judge(_ query: Int, _ found: [Neighbor], wanted: Int, unseen: Float?) {
    if found.count < wanted {
      short = true
      again.append(query)
    } else if let unseen, found[wanted - 1].score <= unseen {
      tied = true
      again.append(query)
    }
  }
}
