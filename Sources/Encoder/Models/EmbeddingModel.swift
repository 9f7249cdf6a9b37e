public import Tensors

/// Token ids to embeddings and gradients back: transformer, pooling, and normalisation.
public struct EmbeddingModel: Sendable {
  /// The transformer.
  public var bert: BERT
  /// How a sequence's hidden states become one vector.
  public let pooling: PoolingMode
  /// Whether embeddings are scaled to unit length.
  public let normalizes: Bool

  public init(bert: BERT, pooling: PoolingMode, normalizes: Bool) {
    self.bert = bert
    self.pooling = pooling
    self.normalizes = normalizes
  }

  /// Number of columns of an embedding.
  public var dimension: Int { bert.configuration.hiddenSize }

  /// The trainable tensors.
  public var parameters: Parameters {
    get { bert.parameters }
    _modify { yield &bert.parameters }
  }

  /// What ``backward(_:_:into:)`` needs of one forward pass.
  public struct Kept: Sendable {
    let bert: BERT.Kept
    let hidden: Matrix
    let sequences: [Range<Int>]
    let pooled: Matrix
  }

  /// Embeddings of packed sequences, `(sequences, dimension)`. No sequence may be empty.
  public func forward(_ tokens: PackedTokens) -> Matrix {
    var result = Pooling.forward(
      bert.forward(tokens), sequences: tokens.sequences, mode: pooling)
    if normalizes { result.normalizeRows() }
    return result
  }

  /// Embeddings, `(sequences, dimension)`, and what the backward pass needs.
  ///
  /// - Parameter dropout: one key per sequence, or nil for none.
  public func forwardKeeping(_ tokens: PackedTokens, dropout: Dropout?) -> (Matrix, Kept) {
    let (hidden, kept) = bert.forwardKeeping(tokens, dropout: dropout)
    let pooled = Pooling.forward(hidden, sequences: tokens.sequences, mode: pooling)
    var embeddings = pooled
    if normalizes { embeddings.normalizeRows() }
    return (
      embeddings,
      Kept(bert: kept, hidden: hidden, sequences: tokens.sequences, pooled: pooled)
    )
  }

  /// Adds the gradients of all parameters, given that of the embeddings, `(sequences, dimension)`.
  public func backward(_ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters) {
    let pooledGradient = normalizes ? throughNormalization(gradient, kept.pooled) : gradient
    let hiddenGradient = Pooling.backward(
      pooledGradient, hidden: kept.hidden, sequences: kept.sequences, mode: pooling)
    bert.backward(hiddenGradient, kept.bert, into: &gradients)
  }

  /// With u = x / |x|: dx = (du − u · ⟨du, u⟩) / |x|.
  private func throughNormalization(_ gradient: Matrix, _ pooled: Matrix) -> Matrix {
    let norms = pooled.rowNorms().map { max($0, 1e-12) }
    var unit = pooled
    unit.scaleRows(by: norms.map { 1 / $0 })
    let along = rowDots(gradient, unit)
    unit.scaleRows(by: along.map { -$0 })
    unit.add(gradient)
    unit.scaleRows(by: norms.map { 1 / $0 })
    return unit
  }
}
