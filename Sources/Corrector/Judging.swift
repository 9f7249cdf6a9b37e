public import Tensors

/// Judges corrected vectors against the fresh ones of the same passages.
///
/// - Parameters:
///   - corrected: `(n, d')`.
///   - fresh: `(n, d')`, row for row the same passages.
///   - queries: `(q, d')` by the new encoder, or nil: then every fresh vector is a query once, its
///     own passage excluded.
///   - options: temperature, confidence, resamples and seed are used.
/// - Throws: `CorrectorError` for shapes that do not fit, NaN, or fewer than two passages.
/// - Complexity: O(q · n · d'); memory for a block of 256 × n scores.
public func judge(
  corrected: Matrix, fresh: Matrix, queries: Matrix?, options: FitOptions = FitOptions()
) throws(CorrectorError) -> Judgement {
  try options.validateJudging()
  try requireJudgeable(corrected: corrected, fresh: fresh, queries: queries)
  return HeldOutScores(corrected: corrected, fresh: fresh, queries: queries, options: options)
    .judgement(options)
}

private func requireJudgeable(
  corrected: Matrix, fresh: Matrix, queries: Matrix?
) throws(CorrectorError) {
  guard corrected.rows == fresh.rows, corrected.columns == fresh.columns else {
    throw CorrectorError(
      .dimensionMismatch,
      "corrected vectors are \(corrected.rows)×\(corrected.columns), fresh ones "
        + "\(fresh.rows)×\(fresh.columns): the same passages are needed in both")
  }
  guard fresh.rows >= 2 else {
    throw CorrectorError(
      .tooFewPairs, "\(fresh.rows) passages to judge on, at least 2 are needed")
  }
  try requireFinite(corrected, "corrected")
  try requireFinite(fresh, "fresh")
  if let queries { try requireQueries(queries, dimension: fresh.columns) }
}

/// Refuses NaN and infinity, naming the place.
func requireFinite(_ vectors: Matrix, _ name: String) throws(CorrectorError) {
  if let place = vectors.firstNonFinite() {
    throw CorrectorError(
      .notFinite,
      "\(name) vector \(place.row) is not finite at dimension \(place.column): encode it again")
  }
}

/// Refuses queries that cannot be scored against passages of this dimension.
func requireQueries(_ queries: Matrix, dimension: Int) throws(CorrectorError) {
  guard queries.columns == dimension else {
    throw CorrectorError(
      .dimensionMismatch,
      "queries have \(queries.columns) dimensions, fresh passages \(dimension): "
        + "encode the queries with the new encoder")
  }
  guard queries.rows > 0 else {
    throw CorrectorError(.tooFewPairs, "0 queries to judge with; give none to judge by passages")
  }
  try requireFinite(queries, "query")
}

/// What a judgement averages: one value per passage or per query.
struct HeldOutScores: Sendable {
  /// Cosine to the fresh vector, per passage.
  private(set) var cosines: [Double]
  /// `KL(P ‖ P_h)` and share of true neighbours found, per query. Where passages ask for each other:
  /// with their influence as candidates (``PoolInfluence``), and per group (``GroupJackknife``).
  private(set) var divergences: [Double] = [], recalls: [Double] = []
  let neighbours: Int

  /// The given values.
  init(cosines: [Double], divergences: [Double], recalls: [Double], neighbours: Int) {
    (self.cosines, self.divergences, self.recalls) = (cosines, divergences, recalls)
    self.neighbours = neighbours
  }

  /// Shapes as in ``judge(corrected:fresh:queries:options:)``, already checked.
  ///
  /// - Parameter forIntervals: whether influences are counted; means need none.
  init(
    corrected: Matrix, fresh: Matrix, queries: Matrix?, options: FitOptions,
    forIntervals: Bool = true
  ) {
    let asksItself = queries == nil && forIntervals
    cosines = rowCosines(corrected, fresh)
    neighbours = min(10, max(1, fresh.rows / 5))
    let asking = queries ?? fresh
    let none = [Double](repeating: 0, count: fresh.rows)
    var pool = none
    var jackknife = GroupJackknife(rows: fresh.rows, k: neighbours)
    for start in Swift.stride(from: 0, to: asking.rows, by: 256) {
      let block = start..<min(start + 256, asking.rows)
      let truth = product(asking[rows: block], fresh, transposeB: true)
      let guess = product(asking[rows: block], corrected, transposeB: true)
      for i in 0..<block.count {
        let own = queries == nil ? start + i : nil
        let found = ask(
          truth.row(i), guess.row(i), own: own, options.temperature, influences: asksItself)
        guard asksItself, let own else { continue }
        func row(_ place: Int) -> Int { place < own ? place : place + 1 }
        for (place, influence) in found.influences.enumerated() { pool[row(place)] += influence }
        jackknife.add(
          query: own, found: recalls[recalls.count - 1], truth: found.truth.map(row),
          guess: found.guess.map(row))
      }
    }
    guard asksItself else { return }
    divergences = PoolInfluence.pseudoValues(divergences, influences: pool)
    recalls = jackknife.pseudoValues
  }

  /// Adds one query by its scores over fresh and over corrected passages, less its own passage.
  ///
  /// - Returns: when asked for, the influences on the divergence of the passages searched, in their
  ///   order, and the nearest of these by both.
  private mutating func ask(
    _ truth: [Float], _ guess: [Float], own: Int?, _ temperature: Double, influences: Bool
  ) -> (influences: [Double], truth: [Int], guess: [Int]) {
    var (truth, guess) = (truth, guess)
    if let own {
      truth.remove(at: own)
      guess.remove(at: own)
    }
    let p = logSoftmax(truth, temperature), q = logSoftmax(guess, temperature)
    let divergence = divergence(p, q)
    divergences.append(divergence)
    let listed = influences ? GroupJackknife.listed(k: neighbours) : neighbours
    let nearest = topK(truth, k: listed), found = topK(guess, k: listed)
    // A passage as near as the last true neighbour is one too: duplicates are all the same find.
    let limit = nearest.prefix(neighbours).last?.score ?? 0
    let right = found.prefix(neighbours).count { truth[$0.row] >= limit }
    recalls.append(Double(right) / Double(max(min(found.count, neighbours), 1)))
    guard influences else { return ([], [], []) }
    return (
      PoolInfluence.onDivergence(p, q, divergence), nearest.map(\.row), found.map(\.row)
    )
  }

  func judgement(_ options: FitOptions) -> Judgement {
    Judgement(
      cosine: interval(cosines, options),
      kl: interval(divergences, options).within(0...Double.infinity),
      recallAt10: interval(recalls, options).within(0...1), neighbours: neighbours, queries: divergences.count,
      passages: cosines.count)
  }
}

/// Bootstrap interval with the confidence, resamples and seed of `options`.
func interval(_ values: [Double], _ options: FitOptions) -> Interval {
  bootstrapMean(
    values, samples: options.bootstrapSamples, confidence: options.confidence, seed: options.seed)
}

/// `KL(softmax(truth / τ) ‖ softmax(guess / τ))` in nats, float64; rounding below 0 is cut off.
func softmaxDivergence(_ truth: [Float], _ guess: [Float], temperature: Double) -> Double {
  divergence(logSoftmax(truth, temperature), logSoftmax(guess, temperature))
}

/// The same of log probabilities.
private func divergence(_ p: [Double], _ q: [Double]) -> Double {
  var sum = 0.0
  for i in p.indices { sum += exponential(p[i]) * (p[i] - q[i]) }
  return max(sum, 0)
}

/// Cosine of the same rows of two matrices; 0 where either row is zero.
func rowCosines(_ a: Matrix, _ b: Matrix) -> [Double] {
  let dots = rowDots(a, b), left = a.rowNorms(), right = b.rowNorms()
  return dots.indices.map { i in
    let norms = Double(left[i]) * Double(right[i])
    return norms > 0 ? min(max(Double(dots[i]) / norms, -1), 1) : 0
  }
}
