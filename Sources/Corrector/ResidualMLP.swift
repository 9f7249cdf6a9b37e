public import Tensors

/// `h(z) = normalize(z + gelu(z · W1 + b1) · W2 + b2)`: a one-layer network added to the stale
/// vector. With W2 = b2 = 0 it is the identity.
public struct ResidualMLP: Corrector {
  /// W1, b1, W2 and b2.
  public var parameters: MLPParameters
  /// Whether corrected rows are scaled to norm 1.
  public let normalizes: Bool

  /// The network of these parameters. Traps when they map to another dimension.
  public init(parameters: MLPParameters, normalizes: Bool) {
    precondition(
      parameters.w1.rows == parameters.w2.columns,
      "residual MLP from \(parameters.w1.rows) to \(parameters.w2.columns) dimensions")
    self.parameters = parameters
    self.normalizes = normalizes
  }

  /// The identity, ready to learn: W2 = b2 = 0, b1 = 0, W1 drawn from N(0, 1/d).
  ///
  /// Between unit vectors hidden units then start nearly linear and bend as far as the pairs ask
  /// for. No scale is known from the paper. With 1,120 pairs of MiniLM vectors a scale √d times
  /// this one learnt the sample by heart: it came out below keeping the vectors, this one level
  /// with ridge.
  ///
  /// - Parameters:
  ///   - dimension: d, of stale and corrected vectors.
  ///   - width: r, the number of hidden units.
  public init(identityOf dimension: Int, width: Int, normalizes: Bool, seed: UInt64) {
    let parameters = MLPParameters.silent(
      inputs: dimension, width: width, outputs: dimension, seed: seed)
    self.init(parameters: parameters, normalizes: normalizes)
  }

  public var kind: CorrectorKind { .residualMLP }
  public var inputDimension: Int { parameters.w1.rows }
  public var outputDimension: Int { parameters.w1.rows }

  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    return applyInBlocks(stale, columns: outputDimension) { block in
      parameters.corrected(block, base: block, normalizes: normalizes)
    }
  }

  public var tensors: [(name: String, values: Matrix)] { parameters.tensors }

  public var metadata: [String: String] {
    var metadata = savedMetadata(of: self, normalizes: normalizes)
    metadata["width"] = String(parameters.w1.columns)
    return metadata
  }

  /// The drift loss on one batch and its gradient.
  ///
  /// Loss: mean over rows of `‖h(stale) − fresh‖²` (the drift loss of joint training; with unit
  /// rows it is `2 − 2·cos`). Nothing is accumulated: the gradient is of this batch alone.
  ///
  /// - Parameters:
  ///   - stale: `(n, d)`, n > 0.
  ///   - fresh: `(n, d)`.
  /// - Returns: the loss, and its derivative by every parameter.
  /// - Complexity: O(n · d · r), five products; memory for three `(n, r)` matrices.
  public func lossAndGradient(
    stale: Matrix, fresh: Matrix
  ) -> (loss: Double, gradient: MLPParameters) {
    precondition(
      stale.rows == fresh.rows && fresh.columns == outputDimension,
      "drift loss of \(stale.rows)×\(stale.columns) against \(fresh.rows)×\(fresh.columns)")
    return differentiate(stale) { ResidualMLP.driftLoss(corrected: $0, fresh: fresh) }
  }

  /// The mean over rows of `‖corrected − fresh‖²`, and its derivative by `corrected`.
  ///
  /// - Parameters: two matrices `(n, d)`, n > 0; traps when the shapes differ.
  public static func driftLoss(
    corrected: Matrix, fresh: Matrix
  ) -> (loss: Double, gradient: Matrix) {
    var change = corrected  // dL/d corrected = 2 (corrected − fresh) / n, (n, d)
    change.add(fresh, scaledBy: -1)
    let loss = change.sumOfSquares() / Double(corrected.rows)
    change.scale(by: 2 / Float(corrected.rows))
    return (loss, change)
  }

  /// Any loss of the corrected vectors, and its derivative by every parameter.
  ///
  /// - Parameters:
  ///   - stale: `(n, d)`, n > 0.
  ///   - loss: given the corrected vectors, `(n, d)`, returns a number and its derivative by them,
  ///     of the same shape; called once.
  /// - Complexity: O(n · d · r), five products; memory for three `(n, r)` matrices.
  public func differentiate(
    _ stale: Matrix, loss: (_ corrected: Matrix) -> (loss: Double, gradient: Matrix)
  ) -> (loss: Double, gradient: MLPParameters) {
    requireDimension(stale, inputDimension, kind)
    return parameters.differentiate(stale, base: stale, normalizes: normalizes, loss: loss)
  }
}
