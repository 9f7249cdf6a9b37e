public import Tensors

/// `h(z) = z + z · W + b` (or `z · W + b` when the dimensions differ): the affine map with the
/// smallest squared error plus `λ‖W‖²`.
///
/// Between equal dimensions the map predicts what changed, so the penalty pulls towards keeping
/// the vectors, not towards zero; b is not penalised.
public struct RidgeCorrector: Corrector {
  /// W, `(d, d')`.
  public let weight: Matrix
  /// b, d' values.
  public let bias: [Float]
  /// Whether the stale vector is added to the output (needs d = d').
  public let addsInput: Bool
  /// Whether corrected rows are scaled to norm 1.
  public let normalizes: Bool

  /// The map of these parameters. Traps when their shapes do not fit each other.
  public init(weight: Matrix, bias: [Float], addsInput: Bool, normalizes: Bool) {
    precondition(bias.count == weight.columns, "ridge: a bias of \(bias.count) values")
    precondition(!addsInput || weight.rows == weight.columns, "ridge: dimensions differ")
    self.weight = weight
    self.bias = bias
    self.addsInput = addsInput
    self.normalizes = normalizes
  }

  public var kind: CorrectorKind { .ridge }
  public var inputDimension: Int { weight.rows }
  public var outputDimension: Int { weight.columns }

  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    return applyInBlocks(stale, columns: outputDimension) { block in
      var corrected = beforeNormalizing(block)
      if normalizes { corrected.normalizeRows() }
      return corrected
    }
  }

  /// One block of rows: (n, d) → (n, d').
  func beforeNormalizing(_ stale: Matrix) -> Matrix {
    var corrected = addsInput ? stale : Matrix(rows: stale.rows, columns: outputDimension)
    addProduct(stale, weight, to: &corrected)
    corrected.addToRows(bias)
    return corrected
  }

  public var tensors: [(name: String, values: Matrix)] {
    [("weight", weight), ("bias", Matrix(rows: 1, columns: bias.count, elements: bias))]
  }

  public var metadata: [String: String] {
    var metadata = savedMetadata(of: self, normalizes: normalizes)
    metadata["adds-input"] = String(addsInput)
    return metadata
  }
}
