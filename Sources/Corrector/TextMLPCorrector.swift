public import Tensors

/// `h(z, φ) = normalize(t(z, φ) + gelu([z, φ] · W1 + b1) · W2 + b2)`: a one-layer network of the
/// stale vector z and of features φ of the passage's text, added to text-ridge's affine map t.
///
/// With W2 = b2 = 0 it is the text-ridge corrector. It maps between different dimensions as t does.
public struct TextMLPCorrector: Corrector {
  /// t; also says whether corrected rows are scaled to norm 1.
  public let start: TextRidgeCorrector
  /// W1, `(d + sum of featureWidths, r)`, b1, W2, `(r, d')`, and b2.
  public let parameters: MLPParameters

  /// The network of these parameters. Traps when their shapes do not fit each other.
  public init(start: TextRidgeCorrector, parameters: MLPParameters) {
    let inputs = start.weight.rows + start.featureWeight.rows
    precondition(
      parameters.w1.rows == inputs && parameters.w2.columns == start.outputDimension,
      "text MLP: a network from \(parameters.w1.rows) to \(parameters.w2.columns) on a map from "
        + "\(inputs) to \(start.outputDimension)")
    self.start = start
    self.parameters = parameters
  }

  public var kind: CorrectorKind { .textMLP }
  public var inputDimension: Int { start.inputDimension }
  public var featureWidths: [Int] { start.featureWidths }
  public var outputDimension: Int { start.outputDimension }

  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    requireFeatures(features, widths: featureWidths, rows: stale.rows, kind)
    return applyInBlocks(stale, features: features, columns: outputDimension) { block, features in
      parameters.corrected(
        .concatenatingColumns([block] + features),
        base: start.beforeNormalizing(block, features), normalizes: start.normalizes)
    }
  }

  /// Those of t, and the network's four.
  public var tensors: [(name: String, values: Matrix)] { start.tensors + parameters.tensors }

  public var metadata: [String: String] {
    var metadata = start.metadata
    metadata["kind"] = kind.rawValue
    metadata["width"] = String(parameters.w1.columns)
    return metadata
  }
}
