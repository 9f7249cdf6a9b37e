public import Tensors

/// `h(z) = z + (z · U) · V + b` (or `(z · U) · V + b` when the dimensions differ): an affine map
/// whose change of the vectors is of rank r (Drift-Adapter's low-rank affine map).
///
/// It has 2·d·r parameters where ridge has d²: pairs that are few determine them better, and it is
/// applied in as much less time.
public struct LowRankCorrector: Corrector {
  /// U, `(d, r)`.
  public let u: Matrix
  /// V, `(r, d')`.
  public let v: Matrix
  /// b, d' values.
  public let bias: [Float]
  /// Whether the stale vector is added to the output (needs d = d').
  public let addsInput: Bool
  /// Whether corrected rows are scaled to norm 1.
  public let normalizes: Bool

  /// The map of these parameters. Traps when their shapes do not fit each other.
  public init(u: Matrix, v: Matrix, bias: [Float], addsInput: Bool, normalizes: Bool) {
    precondition(
      u.columns == v.rows && bias.count == v.columns,
      "low rank: \(u.rows)×\(u.columns), \(v.rows)×\(v.columns) and a bias of \(bias.count)")
    precondition(!addsInput || u.rows == v.columns, "low rank: dimensions differ")
    (self.u, self.v, self.bias) = (u, v, bias)
    self.addsInput = addsInput
    self.normalizes = normalizes
  }

  /// r.
  public var rank: Int { u.columns }

  public var kind: CorrectorKind { .lowRank }
  public var inputDimension: Int { u.rows }
  public var outputDimension: Int { v.columns }

  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    return applyInBlocks(stale, columns: outputDimension) { block in
      var corrected =
        addsInput ? block : Matrix(rows: block.rows, columns: outputDimension)
      addProduct(product(block, u), v, to: &corrected)
      corrected.addToRows(bias)
      if normalizes { corrected.normalizeRows() }
      return corrected
    }
  }

  public var tensors: [(name: String, values: Matrix)] {
    [("u", u), ("v", v), ("bias", Matrix(rows: 1, columns: bias.count, elements: bias))]
  }

  public var metadata: [String: String] {
    var metadata = savedMetadata(of: self, normalizes: normalizes)
    metadata["adds-input"] = String(addsInput)
    metadata["rank"] = String(rank)
    return metadata
  }
}
