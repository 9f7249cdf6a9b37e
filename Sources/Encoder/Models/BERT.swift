public import Tensors

/// The transformer of BERT-shaped encoders: packed token ids in, hidden states out, and back.
public struct BERT: Sendable {
  /// The architecture.
  public let configuration: BERTConfiguration
  /// The weights, and those of the modules after the transformer.
  public var parameters: Parameters
  private let slots: BERTSlots

  /// - Parameters:
  ///   - configuration: the architecture.
  ///   - tensors: a model's tensors by canonical name; see ``EncoderFolder/canonicalTensors()``.
  ///   - following: slots of the modules after the transformer. Its passes leave them alone: they
  ///     stand in the same list so that a model has one set of parameters.
  /// - Throws: `EncoderError` naming a tensor that is missing or has another shape.
  public init(
    _ configuration: BERTConfiguration, tensors: [String: Matrix], following: [ParameterSlot] = []
  ) throws(EncoderError) {
    self.configuration = configuration
    slots = BERTSlots(configuration)
    parameters = try Parameters(slots: slots.slots + following, tensors: tensors)
  }

  private var layers: [BERTLayer] {
    (0..<configuration.layerCount).map {
      BERTLayer(index: $0, configuration: configuration, slots: slots.layer($0))
    }
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
      to: &x, gamma: parameters.values[slots.embeddingNorm.gamma],
      beta: parameters.values[slots.embeddingNorm.beta],
      epsilon: configuration.layerNormEpsilon)
    let bias = relativeBias(tokens)
    for layer in layers { layer.forward(&x, sequences: tokens.sequences, bias: bias, parameters) }
    return x
  }

  /// Hidden states, `(tokens, hidden)`, and what the backward pass needs.
  ///
  /// - Parameter dropout: keys of the sequences (its rate is not used: the configuration has
  ///   two of its own), or nil for none.
  public func forwardKeeping(_ tokens: PackedTokens, dropout: Dropout?) -> (Matrix, Kept) {
    var x = embeddings(tokens)
    let norm = LayerNorm.applyKeeping(
      to: &x, gamma: parameters.values[slots.embeddingNorm.gamma],
      beta: parameters.values[slots.embeddingNorm.beta],
      epsilon: configuration.layerNormEpsilon)
    embeddingDropout(dropout)?.apply(to: &x, sequences: tokens.sequences)
    let bias = relativeBias(tokens)
    let kept = layers.map {
      $0.forwardKeeping(
        &x, sequences: tokens.sequences, bias: bias,
        dropout: LayerDropout(dropout, layer: $0.index, configuration), parameters)
    }
    return (x, Kept(tokens: tokens, dropout: dropout, embeddingNorm: norm, layers: kept))
  }

  /// Adds the gradients of all parameters, given that of the hidden states, `(tokens, hidden)`.
  public func backward(_ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters) {
    var gradient = gradient
    let sequences = kept.tokens.sequences
    var bias = relativeBias(kept.tokens).map(BiasGradient.init)
    for (layer, state) in zip(layers, kept.layers).reversed() {
      layer.backward(
        &gradient, state, sequences: sequences, bias: &bias,
        dropout: LayerDropout(kept.dropout, layer: layer.index, configuration), parameters,
        into: &gradients)
    }
    if let bias, let table = slots.relativeBias {
      RelativeBuckets.contract(bias.sum, into: &gradients.values[table])
    }
    embeddingDropout(kept.dropout)?.apply(to: &gradient, sequences: sequences)
    let norm = slots.embeddingNorm
    let sums = LayerNorm.backward(
      &gradient, state: kept.embeddingNorm, gamma: parameters.values[norm.gamma])
    gradients.values[norm.gamma].add(sums.gamma)
    gradients.values[norm.beta].add(sums.beta)
    gradients.values[slots.wordEmbeddings].scatterAdd(gradient, to: kept.tokens.ids)
    gradients.values[slots.positionEmbeddings].scatterAdd(gradient, to: positions(kept.tokens))
    if let types = slots.typeEmbeddings {
      gradients.values[types].scatterAdd(
        gradient, to: [Int32](repeating: 0, count: kept.tokens.count))
    }
  }

  private func embeddings(_ tokens: PackedTokens) -> Matrix {
    embeddingSums(
      words: parameters.values[slots.wordEmbeddings],
      positions: parameters.values[slots.positionEmbeddings],
      types: slots.typeEmbeddings.map { parameters.values[$0] }
        ?? Matrix(rows: 1, columns: configuration.hiddenSize),
      ids: tokens.ids, places: positions(tokens))
  }

  private func positions(_ tokens: PackedTokens) -> [Int32] {
    tokens.positions(from: configuration.firstPosition)
  }

  /// The bias that every layer adds to its attention scores, as far as these sequences reach.
  func relativeBias(_ tokens: PackedTokens) -> RelativeBias? {
    let longest = tokens.sequences.lazy.map(\.count).max() ?? 1
    return slots.relativeBias.map {
      RelativeBuckets.expand(parameters.values[$0], reach: max(longest - 1, 0))
    }
  }

  private func embeddingDropout(_ dropout: Dropout?) -> Dropout? {
    dropout?.at(place: 0, rate: configuration.hiddenDropout)
  }
}
