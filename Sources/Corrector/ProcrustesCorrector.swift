public import Tensors

/// `h(z) = z · R` with orthonormal R: the rotation (or reflection) nearest to the drift.
///
/// With d' > d the rows of R are orthonormal (the space is embedded in a larger one), with d' < d
/// its columns are (projected on a smaller one).
public struct ProcrustesCorrector: Corrector {
  /// R, `(d, d')`.
  public let rotation: Matrix
  /// Whether corrected rows are scaled to norm 1.
  public let normalizes: Bool

  /// The map with this R, trusted to be orthonormal.
  public init(rotation: Matrix, normalizes: Bool) {
    self.rotation = rotation
    self.normalizes = normalizes
  }

  public var kind: CorrectorKind { .procrustes }
  public var inputDimension: Int { rotation.rows }
  public var outputDimension: Int { rotation.columns }

  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    return applyInBlocks(stale, columns: outputDimension) { block in
      var corrected = product(block, rotation)
      if normalizes { corrected.normalizeRows() }
      return corrected
    }
  }

  public var tensors: [(name: String, values: Matrix)] { [("rotation", rotation)] }
  public var metadata: [String: String] { savedMetadata(of: self, normalizes: normalizes) }
}

extension ProcrustesCorrector {
  /// The orthonormal R that minimises `‖stale · R − fresh‖` (Schönemann 1966): with the singular
  /// value decomposition `staleᵀ · fresh = U · S · Vᵀ`, `R = U · Vᵀ`. Float64 throughout.
  static func fitting(
    _ moments: CrossMoments, normalizes: Bool
  ) throws(LinearAlgebraError) -> ProcrustesCorrector {
    let (d, e) = (moments.inputs, moments.outputs)
    let (u, _, vt) = try singularValueDecomposition(
      moments.rawCrossProduct(), rows: d, columns: e)
    let rank = min(d, e)
    let rotation = transposedProduct(
      transposed(u, rows: d, columns: rank), vt, n: rank, rows: d, columns: e)
    return ProcrustesCorrector(
      rotation: Matrix(rows: d, columns: e, elements: rotation.map { Float($0) }),
      normalizes: normalizes)
  }
}
