public import Tensors

/// `h(z, φ) = z + z · W + φ · V + b` (or without `z +` when the dimensions differ): the affine map
/// of a stale vector z and features φ of the passage's text.
///
/// A map of the stale vector alone cannot bring back what the old encoder never wrote into it;
/// features that are cheap to compute from the text, such as the means of the old and of the new
/// encoder's word embeddings, can say part of it.
public struct TextRidgeCorrector: Corrector {
  /// W, `(d, d')`.
  public let weight: Matrix
  /// V, `(sum of featureWidths, d')`.
  public let featureWeight: Matrix
  /// b, d' values.
  public let bias: [Float]
  public let featureWidths: [Int]
  /// Whether the stale vector is added to the output (needs d = d').
  public let addsInput: Bool
  /// Whether corrected rows are scaled to norm 1.
  public let normalizes: Bool

  /// The map of these parameters. Traps when their shapes do not fit each other.
  public init(
    weight: Matrix, featureWeight: Matrix, featureWidths: [Int], bias: [Float], addsInput: Bool,
    normalizes: Bool
  ) {
    precondition(
      bias.count == weight.columns && featureWeight.columns == weight.columns,
      "text ridge: outputs of \(weight.columns), \(featureWeight.columns) and \(bias.count)")
    precondition(
      featureWeight.rows == featureWidths.reduce(0, +), "text ridge: features of \(featureWidths)")
    precondition(!addsInput || weight.rows == weight.columns, "text ridge: dimensions differ")
    self.weight = weight
    self.featureWeight = featureWeight
    self.featureWidths = featureWidths
    self.bias = bias
    self.addsInput = addsInput
    self.normalizes = normalizes
  }

  public var kind: CorrectorKind { .textRidge }
  public var inputDimension: Int { weight.rows }
  public var outputDimension: Int { weight.columns }

  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    requireFeatures(features, widths: featureWidths, rows: stale.rows, kind)
    return applyInBlocks(stale, features: features, columns: outputDimension) { block, features in
      var corrected = beforeNormalizing(block, features)
      if normalizes { corrected.normalizeRows() }
      return corrected
    }
  }

  /// One block of rows: (n, d) and (n, width) each → (n, d').
  func beforeNormalizing(_ stale: Matrix, _ features: [Matrix]) -> Matrix {
    var corrected = addsInput ? stale : Matrix(rows: stale.rows, columns: outputDimension)
    addProduct(stale, weight, to: &corrected)
    let features = Matrix.concatenatingColumns(features)
    if features.columns > 0 { addProduct(features, featureWeight, to: &corrected) }
    corrected.addToRows(bias)
    return corrected
  }

  public var tensors: [(name: String, values: Matrix)] {
    [
      ("weight", weight), ("feature-weight", featureWeight),
      ("bias", Matrix(rows: 1, columns: bias.count, elements: bias)),
    ]
  }

  public var metadata: [String: String] {
    var metadata = savedMetadata(of: self, normalizes: normalizes)
    metadata["adds-input"] = String(addsInput)
    metadata["feature-widths"] = featureWidths.map(String.init).joined(separator: ",")
    return metadata
  }
}
