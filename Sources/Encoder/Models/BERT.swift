public import Tensors

/// The transformer of BERT-shaped encoders: packed token ids in, hidden states out, and back.
public struct BERT: Sendable {
  /// The architecture.
  public let configuration: BERTConfiguration
  /// The weights.
  public var parameters: Parameters

  /// - Parameters:
  ///   - configuration: the architecture.
  ///   - tensors: a model file's tensors by canonical name (see ``EncoderFolder/canonicalTensors()``).
  /// - Throws: `EncoderError` naming a tensor that is missing or has another shape.
  public init(_ configuration: BERTConfiguration, tensors: [String: Matrix]) throws(EncoderError) {
    self.configuration = configuration
    parameters = try Parameters(slots: BERTSlots(configuration).slots, tensors: tensors)
  }

  private var layers: [BERTLayer] {
    (0..<configuration.layerCount).map { BERTLayer(index: $0, configuration: configuration) }
  }

  /// What ``backward(_:_:into:)`` needs of one forward pass.
  public struct Kept: Sendable {
    let tokens: PackedTokens
    let dropout: Dropout?
    let embeddingNorm: LayerNormState
    let layers: [BERTLayer.Kept]
  }

  /// Hidden states of the last layer, `(tokens, hidden)`. Keeps nothing, drops nothing.
  public func forward(_ tokens: PackedTokens) -> Matrix {
    var x = embeddings(tokens)
    LayerNorm.apply(
      to: &x, gamma: parameters.values[BERTSlots.embeddingNorm.gamma],
      beta: parameters.values[BERTSlots.embeddingNorm.beta],
      epsilon: configuration.layerNormEpsilon)
    for layer in layers { layer.forward(&x, sequences: tokens.sequences, parameters) }
    return x
  }

  /// Hidden states, `(tokens, hidden)`, and what the backward pass needs.
  ///
  /// - Parameter dropout: keys of the sequences (its rate is not used: the configuration has
  ///   two of its own), or nil for none.
  public func forwardKeeping(_ tokens: PackedTokens, dropout: Dropout?) -> (Matrix, Kept) {
    var x = embeddings(tokens)
    let norm = LayerNorm.applyKeeping(
      to: &x, gamma: parameters.values[BERTSlots.embeddingNorm.gamma],
      beta: parameters.values[BERTSlots.embeddingNorm.beta],
      epsilon: configuration.layerNormEpsilon)
    embeddingDropout(dropout)?.apply(to: &x, sequences: tokens.sequences)
    let kept = layers.map {
      $0.forwardKeeping(
        &x, sequences: tokens.sequences,
        dropout: LayerDropout(dropout, layer: $0.index, configuration), parameters)
    }
    return (x, Kept(tokens: tokens, dropout: dropout, embeddingNorm: norm, layers: kept))
  }

  /// Adds the gradients of all parameters, given that of the hidden states, `(tokens, hidden)`.
  public func backward(_ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters) {
    var gradient = gradient
    let sequences = kept.tokens.sequences
    for (layer, state) in zip(layers, kept.layers).reversed() {
      layer.backward(
        &gradient, state, sequences: sequences,
        dropout: LayerDropout(kept.dropout, layer: layer.index, configuration), parameters,
        into: &gradients)
    }
    embeddingDropout(kept.dropout)?.apply(to: &gradient, sequences: sequences)
    let norm = BERTSlots.embeddingNorm
    let sums = LayerNorm.backward(
      &gradient, state: kept.embeddingNorm, gamma: parameters.values[norm.gamma])
    gradients.values[norm.gamma].add(sums.gamma)
    gradients.values[norm.beta].add(sums.beta)
    gradients.values[BERTSlots.wordEmbeddings].scatterAdd(gradient, to: kept.tokens.ids)
    gradients.values[BERTSlots.positionEmbeddings].scatterAdd(gradient, to: kept.tokens.places)
    gradients.values[BERTSlots.typeEmbeddings].scatterAdd(
      gradient, to: [Int32](repeating: 0, count: kept.tokens.count))
  }

  private func embeddings(_ tokens: PackedTokens) -> Matrix {
    embeddingSums(
      words: parameters.values[BERTSlots.wordEmbeddings],
      positions: parameters.values[BERTSlots.positionEmbeddings],
      types: parameters.values[BERTSlots.typeEmbeddings], ids: tokens.ids, places: tokens.places)
  }

  private func embeddingDropout(_ dropout: Dropout?) -> Dropout? {
    dropout?.at(place: 0, rate: configuration.hiddenDropout)
  }
}
