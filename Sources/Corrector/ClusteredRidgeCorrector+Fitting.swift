internal import Tensors

/// Fewest pairs that are nearest to each centroid.
private let leastClusterRows = 10

/// τ of the gate, and the share in a cluster below which a row does not teach it.
///
/// On MiniLM fine-tuned on Debian descriptions (600 pairs, 16 clusters) the KL divergence of unseen
/// rows was 0.1212 at this temperature, 0.1221 where each row went to its nearest centroid alone,
/// and 0.1219 at 0.2; ridge's was 0.1220.
private let gating = (temperature: Float(0.05), leastShare: Float(0.01))

/// What a mixture is chosen by.
private struct ClusterSetting {
  let gate: ClusterGate
  let strength: Double
}

extension ClusteredRidgeCorrector {
  /// Fits each cluster's map from the global one: `W_c = W + Δ_c` and `b_c = b + β_c`, where
  /// `Δ_c, β_c` minimise `Σ_i g_c(z_i) ‖r_i − z_i · Δ_c − β_c‖² + λ‖Δ_c‖²` over what the global map
  /// leaves of the rows, r. A strong penalty leaves the global map and a shift.
  ///
  /// - Parameter strength: λ as a multiple of the mean over stale dimensions of their sum of
  ///   squares in the cluster.
  /// - Throws: `LinearAlgebraError` when a cluster's system is singular at this strength.
  static func fitting(
    _ pairs: CorrectionPairs, from ridge: RidgeCorrector, gate: ClusterGate, strength: Double
  ) throws(LinearAlgebraError) -> ClusteredRidgeCorrector {
    var residuals = pairs.fresh
    residuals.add(ridge.beforeNormalizing(pairs.stale), scaledBy: -1)
    let shares = gate.shares(of: pairs.stale).transposed()
    var weights: [Matrix] = [], biases: [Matrix] = []
    for cluster in 0..<shares.rows {
      let rows = ClusterRows(pairs.stale, residuals, shares: shares.row(cluster))
      var (weight, bias) = try rows.change(strength: strength)
      weight.add(ridge.weight)
      bias.addToRows(ridge.bias)
      weights.append(weight)
      biases.append(bias)
    }
    return ClusteredRidgeCorrector(
      gate: gate, weights: .concatenatingRows(weights), biases: .concatenatingRows(biases),
      addsInput: ridge.addsInput, normalizes: ridge.normalizes)
  }
}

/// The rows of one cluster, less their weighted means and times the roots of their shares: plain
/// least squares of them are weighted ones.
private struct ClusterRows {
  /// `(m, d)` and `(m, d')`.
  private let stale: Matrix, residuals: Matrix
  /// Weighted means, `(1, d)` and `(1, d')`.
  private let means: (stale: Matrix, residuals: Matrix)

  init(_ stale: Matrix, _ residuals: Matrix, shares: [Float]) {
    let members = shares.indices.filter { shares[$0] > gating.leastShare }
    let shares = members.map { shares[$0] }
    func weighted(_ rows: Matrix) -> (rows: Matrix, means: Matrix) {
      var centred = rows.gathering(members)
      var sums = centred
      sums.scaleRows(by: shares)
      let total = max(shares.reduce(0, +), .leastNormalMagnitude)
      let means = sums.columnSums().map { $0 / total }
      centred.addToRows(means.map { -$0 })
      centred.scaleRows(by: shares.map { $0.squareRoot() })
      return (centred, Matrix([means]))
    }
    let (x, r) = (weighted(stale), weighted(residuals))
    (self.stale, self.residuals, means) = (x.rows, r.rows, (x.means, r.means))
  }

  /// Δ, `(d, d')`, and β, `(1, d')`.
  func change(strength: Double) throws(LinearAlgebraError) -> (weight: Matrix, bias: Matrix) {
    let (m, d) = (stale.rows, stale.columns)
    let trace = stale.sumOfSquares()
    let penalty = trace > 0 ? strength * trace / Double(d) : 1
    let weight: Matrix
    if m < d {
      let parts = try solution(
        product(stale, stale, transposeB: true), penalty: penalty, residuals)
      weight = product(stale, parts, transposeA: true)
    } else {
      weight = try solution(
        product(stale, stale, transposeA: true), penalty: penalty,
        product(stale, residuals, transposeA: true))
    }
    var bias = means.residuals
    bias.add(product(means.stale, weight), scaledBy: -1)
    return (weight, bias)
  }

  /// `(gram + λ·I)⁻¹ · right`, solved in float64.
  private func solution(
    _ gram: Matrix, penalty: Double, _ right: Matrix
  ) throws(LinearAlgebraError) -> Matrix {
    let n = gram.rows
    var system = gram.elements.map { Double($0) }
    for i in 0..<n { system[i * n + i] += penalty }
    let solved = try solvePositiveDefinite(
      system, n: n, rightSides: right.elements.map { Double($0) }, m: right.columns)
    return Matrix(rows: n, columns: right.columns, elements: solved.map { Float($0) })
  }
}

extension Fitter {
  /// The mixture of the number of clusters and strength that retrieve best, from the ridge maps of
  /// the same parts. Centroids are of all stale vectors: they tell nothing of fresh ones.
  func clusters(_ shared: SharedFits) -> Result<CrossFit, SkipReason> {
    let gates = options.clusters.sorted().map {
      ClusterGate(
        clustering: pairs.stale, into: $0, temperature: gating.temperature, seed: options.seed)
    }.filter { gate in
      gate.centroids.rows > 1
        && gate.sizes(on: pairs.stale).allSatisfy { $0 >= leastClusterRows }
    }
    guard !gates.isEmpty else {
      return .failure(
        SkipReason(
          text: "no number of clusters of \(options.clusters) leaves \(leastClusterRows) of "
            + "\(pairs.stale.rows) pairs to each"))
    }
    return shared.searched(.ridge).flatMap { ridge in
      let found = clusterSearch(gates, from: ridge.fit).crossFit { _, setting in
        "\(setting.gate.centroids.rows) clusters, strength \(setting.strength)"
      }
      guard let found else {
        return .failure(SkipReason(text: "a cluster's equations are singular at every strength"))
      }
      return .success(found.fit)
    }
  }

  /// The search for a strength, at the number of clusters that is best at the middle one: to try
  /// every number at every strength would say little more, for several times the work.
  private func clusterSearch(
    _ gates: [ClusterGate], from ridge: CrossFit
  ) -> HeldOutSearch<ClusterSetting> {
    let strengths = options.clusterStrengths.sorted(by: >)
    func search(_ settings: [ClusterSetting]) -> HeldOutSearch<ClusterSetting> {
      HeldOutSearch(pairs: folded, options: options, settings: settings) { part, setting in
        let start = part.map { ridge.withoutParts[$0] } ?? ridge.corrector
        guard let start = start as? RidgeCorrector else { return nil }
        return try? ClusteredRidgeCorrector.fitting(
          folded.outside(Set([part].compactMap(\.self))), from: start, gate: setting.gate,
          strength: setting.strength)
      }
    }
    let middle = strengths[strengths.count / 2]
    let byNumber = search(gates.map { ClusterSetting(gate: $0, strength: middle) })
    let gate = gates.count > 1 ? byNumber.chosen()?.gate : gates.first
    return search((gate.map { [$0] } ?? gates).flatMap { gate in
      strengths.map { ClusterSetting(gate: gate, strength: $0) }
    })
  }
}
