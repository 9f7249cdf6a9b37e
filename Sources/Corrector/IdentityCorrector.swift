public import Tensors

/// Keeps stale vectors as they are, bit for bit: what every other corrector must beat.
public struct IdentityCorrector: Corrector {
  /// Dimension of the vectors, before and after.
  public let inputDimension: Int

  /// The identity of `dimension`-dimensional vectors.
  public init(dimension: Int) { inputDimension = dimension }

  public var kind: CorrectorKind { .identity }
  public var outputDimension: Int { inputDimension }

  /// The same matrix, sharing its memory; O(1), nothing is normalised.
  public func apply(_ stale: Matrix, features: [Matrix]) -> Matrix {
    requireDimension(stale, inputDimension, kind)
    return stale
  }

  public var tensors: [(name: String, values: Matrix)] { [] }
  public var metadata: [String: String] { savedMetadata(of: self, normalizes: false) }
}
