import Tensors

/// The transformer with its weights laid out for the kernels: packed token ids in, hidden states
/// out, and back.
struct PackedBERT: Sendable {
  private let bert: BERT
  private let layers: [BERTLayer]
  private let embeddingNorm: LayerNormWeights
  private let frozenLayers: Int?

  private var configuration: BERTConfiguration { bert.configuration }

  init(_ bert: BERT, _ packing: Packing) {
    self.bert = bert
    frozenLayers = packing.frozenLayers
    layers = (0..<bert.configuration.layerCount).map { BERTLayer(index: $0, of: bert, packing) }
    embeddingNorm = LayerNormWeights(
      bert.slots.embeddingNorm, bert.parameters, epsilon: bert.configuration.layerNormEpsilon)
  }

  /// Bytes the packed weights take.
  var byteCount: Int { layers.reduce(0) { $0 + $1.byteCount } }

  /// Hidden states of the last layer, `(tokens, hidden)`. Keeps nothing, drops nothing.
  func forward(_ tokens: PackedTokens) -> Matrix {
    var x = bert.embeddings(tokens)
    embeddingNorm.apply(to: &x)
    let bias = bert.relativeBias(tokens)
    var scratch = BERTLayer.Scratch(tokens: tokens.count, configuration)
    for layer in layers { layer.forward(&x, sequences: tokens.sequences, bias: bias, &scratch) }
    return x
  }

  /// What ``backward(_:_:into:)`` needs of one forward pass.
  struct Kept: Sendable {
    fileprivate let tokens: PackedTokens
    fileprivate let dropout: Dropout?
    fileprivate let embeddingNorm: LayerNormState
    fileprivate let layers: [BERTLayer.Kept]
  }

  /// Hidden states, `(tokens, hidden)`, and what the backward pass needs.
  ///
  /// - Parameter dropout: keys of the sequences (its rate is not used: the configuration has
  ///   two of its own), or nil for none.
  func forwardKeeping(_ tokens: PackedTokens, dropout: Dropout?) -> (Matrix, Kept) {
    var x = bert.embeddings(tokens)
    let norm = embeddingNorm.applyKeeping(to: &x)
    embeddingDropout(dropout)?.apply(to: &x, sequences: tokens.sequences)
    let bias = bert.relativeBias(tokens)
    let kept = layers.map {
      $0.forwardKeeping(&x, sequences: tokens.sequences, bias: bias, dropout: dropout)
    }
    return (x, Kept(tokens: tokens, dropout: dropout, embeddingNorm: norm, layers: kept))
  }

  /// The hidden states of ``forwardKeeping(_:dropout:)``, to the last bit: what a layer keeps is
  /// let go before the next one begins.
  func forwardDropping(_ tokens: PackedTokens, dropout: Dropout?) -> Matrix {
    var x = bert.embeddings(tokens)
    _ = embeddingNorm.applyKeeping(to: &x)
    embeddingDropout(dropout)?.apply(to: &x, sequences: tokens.sequences)
    let bias = bert.relativeBias(tokens)
    for layer in layers {
      _ = layer.forwardKeeping(&x, sequences: tokens.sequences, bias: bias, dropout: dropout)
    }
    return x
  }

  /// Adds the gradients of all parameters that are not frozen, given that of the hidden states,
  /// `(tokens, hidden)`.
  func backward(_ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters) {
    var gradient = gradient
    let sequences = kept.tokens.sequences
    var bias = bert.relativeBias(kept.tokens).map(BiasGradient.init)
    for index in layers.indices.reversed() where index >= frozenLayers ?? 0 {
      layers[index].backward(
        &gradient, kept.layers[index], input: { input(ofLayer: index, kept) },
        sequences: sequences, bias: &bias, dropout: kept.dropout, into: &gradients)
    }
    guard frozenLayers == nil else { return }
    if let bias, let table = bert.slots.relativeBias {
      RelativeBuckets.contract(bias.sum, into: &gradients.values[table])
    }
    embeddingDropout(kept.dropout)?.apply(to: &gradient, sequences: sequences)
    embeddingNorm.backward(&gradient, kept.embeddingNorm, into: &gradients)
    addTableGradients(gradient, kept.tokens, into: &gradients)
  }

  /// What went into a layer, computed again from what is kept of the step before it.
  private func input(ofLayer index: Int, _ kept: Kept) -> Matrix {
    if index > 0 { return layers[index - 1].output(of: kept.layers[index - 1]) }
    var x = embeddingNorm.output(of: kept.embeddingNorm)
    embeddingDropout(kept.dropout)?.apply(to: &x, sequences: kept.tokens.sequences)
    return x
  }

  private func addTableGradients(
    _ gradient: Matrix, _ tokens: PackedTokens, into gradients: inout Parameters
  ) {
    let slots = bert.slots
    gradients.values[slots.wordEmbeddings].scatterAdd(gradient, to: tokens.ids)
    gradients.values[slots.positionEmbeddings].scatterAdd(gradient, to: bert.positions(tokens))
    if let types = slots.typeEmbeddings {
      gradients.values[types].scatterAdd(gradient, to: [Int32](repeating: 0, count: tokens.count))
    }
  }

  private func embeddingDropout(_ dropout: Dropout?) -> Dropout? {
    dropout?.at(place: 0, rate: configuration.hiddenDropout)
  }
}
