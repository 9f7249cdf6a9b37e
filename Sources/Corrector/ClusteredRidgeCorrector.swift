public import Tensors

/// `h(z) = z + Σ_c g_c(z) · (z · W_c + b_c)` (or without `z +` when the dimensions differ): a
/// mixture of affine maps, one for each cluster c of stale vectors, whose shares g are a softmax of
/// z's cosines to the clusters' centroids.
///
/// One global map is too uniform where an encoder moved different subjects in different ways.
public struct ClusteredRidgeCorrector: Corrector {
  /// g, of k clusters.
  public let gate: ClusterGate
  /// The W_c one below the other, `(k · d, d')`.
  public let weights: Matrix
  /// The b_c, `(k, d')`.
  public let biases: Matrix
  /// Whether the stale vector is added to the output (needs d = d').
  public let addsInput: Bool
  /// Whether corrected rows are scaled to norm 1.
  public let normalizes: Bool

  /// The mixture of these parameters. Traps when their shapes do not fit each other.
  public init(
    gate: ClusterGate, weights: Matrix, biases: Matrix, addsInput: Bool, normalizes: Bool
  ) {
    let (k, d) = (gate.centroids.rows, gate.centroids.columns)
    precondition(
      weights.rows == k * d && biases.rows == k && biases.columns == weights.columns,
      "clusters: \(k)×\(d) centroids, weights of \(weights.rows)×\(weights.columns), biases of "
        + "\(biases.rows)×\(biases.columns)")
    precondition(!addsInput || d == weights.columns, "clusters: dimensions differ")
    self.gate = gate
    self.weights = weights
    self.biases = biases
    self.addsInput = addsInput
    self.normalizes = normalizes
  }

  public var kind: CorrectorKind { .clusters }
  public var inputDimension: Int { gate.centroids.columns }
  public var outputDimension: Int { weights.columns }

  /// O(n · k · d · d'): k times ridge, as one product.
  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    return applyInBlocks(stale, columns: outputDimension) { block in
      let shares = gate.shares(of: block)  // (n, k)
      var corrected = addsInput ? block : Matrix(rows: block.rows, columns: outputDimension)
      addProduct(parted(block, shares), weights, to: &corrected)
      addProduct(shares, biases, to: &corrected)
      if normalizes { corrected.normalizeRows() }
      return corrected
    }
  }

  /// Every row times its share in each cluster, side by side: (n, d) and (n, k) → (n, k · d).
  private func parted(_ rows: Matrix, _ shares: Matrix) -> Matrix {
    let byCluster = shares.transposed()
    return .concatenatingColumns(
      (0..<shares.columns).map { cluster in
        var part = rows
        part.scaleRows(by: byCluster.row(cluster))
        return part
      })
  }

  public var tensors: [(name: String, values: Matrix)] {
    [("centroids", gate.centroids), ("weights", weights), ("biases", biases)]
  }

  public var metadata: [String: String] {
    var metadata = savedMetadata(of: self, normalizes: normalizes)
    metadata["adds-input"] = String(addsInput)
    metadata["clusters"] = String(gate.centroids.rows)
    metadata["temperature"] = String(gate.temperature)
    return metadata
  }
}
