public import Tensors

/// `h(z) = normalize(z + gelu(z · W1 + b1) · W2 + b2)`: a one-layer network added to the stale
/// vector. With W2 = b2 = 0 it is the identity.
public struct ResidualMLP: Corrector {
  /// W1, b1, W2 and b2.
  public var parameters: MLPParameters
  /// Whether corrected rows are scaled to norm 1.
  public let normalizes: Bool

  /// The network of these parameters.
  public init(parameters: MLPParameters, normalizes: Bool) {
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
    precondition(dimension > 0 && width > 0, "residual MLP of \(dimension)×\(width)")
    var random = RandomStream(seed: seed, stream: RandomUse.weights)
    var parameters = MLPParameters(dimension: dimension, width: width)
    let scale = 1 / Double(dimension).squareRoot()
    parameters.w1 = Matrix(
      rows: dimension, columns: width,
      elements: (0..<dimension * width).map { _ in Float(scale * random.normal()) })
    self.init(parameters: parameters, normalizes: normalizes)
  }

  public var kind: CorrectorKind { .residualMLP }
  public var inputDimension: Int { parameters.w1.rows }
  public var outputDimension: Int { parameters.w1.rows }

  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    return applyInBlocks(stale, columns: outputDimension) { block in
      var output = beforeNormalizing(block, hidden: activations(beforeActivation(block)))
      if normalizes { output.normalizeRows() }
      return output
    }
  }

  public var tensors: [(name: String, values: Matrix)] { parameters.tensors }

  public var metadata: [String: String] {
    var metadata = savedMetadata(of: self, normalizes: normalizes)
    metadata["width"] = String(parameters.w1.columns)
    return metadata
  }

  /// `z · W1 + b1`; z: (n, d) → (n, r).
  func beforeActivation(_ z: Matrix) -> Matrix {
    var result = product(z, parameters.w1)
    result.addToRows(parameters.b1.elements)
    return result
  }

  /// `gelu(a)`; (n, r) → (n, r).
  func activations(_ a: Matrix) -> Matrix {
    var hidden = a
    Gelu.apply(to: &hidden)
    return hidden
  }

  /// `z + hidden · W2 + b2`; z: (n, d), hidden: (n, r) → (n, d).
  func beforeNormalizing(_ z: Matrix, hidden: Matrix) -> Matrix {
    var result = z
    addProduct(hidden, parameters.w2, to: &result)
    result.addToRows(parameters.b2.elements)
    return result
  }
}
