import Tensors

/// One transformer layer: self-attention and a feed-forward block, each with residual and norm.
///
/// forward:  a = attention(x·Wqkv + b);  x₁ = norm(x + drop(a·Wo + b))
///           f = activation(x₁·W₁ + b);  x₂ = norm(x₁ + drop(f·W₂ + b))
struct BERTLayer: Sendable {
  private let index: Int
  private let configuration: BERTConfiguration
  private let qkv: PackedLinear, attentionOutput: PackedLinear
  private let intermediate: PackedLinear, output: PackedLinear
  private let attentionNorm: LayerNormWeights, outputNorm: LayerNormWeights

  init(index: Int, of bert: BERT, _ packing: Packing) {
    let slots = bert.slots.layer(index)
    let parameters = bert.parameters
    self.index = index
    configuration = bert.configuration
    qkv = PackedLinear(slots.qkv, parameters, packing)
    attentionOutput = PackedLinear(slots.attentionOutput, parameters, packing)
    intermediate = PackedLinear(slots.intermediate, parameters, packing)
    output = PackedLinear(slots.output, parameters, packing)
    let epsilon = configuration.layerNormEpsilon
    attentionNorm = LayerNormWeights(slots.attentionNorm, parameters, epsilon: epsilon)
    outputNorm = LayerNormWeights(slots.outputNorm, parameters, epsilon: epsilon)
  }

  /// Bytes the packed weights take.
  var byteCount: Int {
    [qkv, attentionOutput, intermediate, output].reduce(0) { $0 + $1.byteCount }
  }

  private var attention: Attention {
    Attention(heads: configuration.headCount, hidden: configuration.hiddenSize)
  }

  // MARK: Inference

  /// Memory that the layers of one pass use one after the other. T tokens, H hidden, F inner:
  struct Scratch {
    fileprivate var qkv: Matrix  // (T, 3H)
    fileprivate var inner: Matrix  // (T, F)
    fileprivate var branch: Matrix  // (T, H)

    init(tokens: Int, _ configuration: BERTConfiguration) {
      qkv = Matrix(rows: tokens, columns: 3 * configuration.hiddenSize)
      inner = Matrix(rows: tokens, columns: configuration.intermediateSize)
      branch = Matrix(rows: tokens, columns: configuration.hiddenSize)
    }
  }

  /// x: (T, H) → (T, H), in place, keeping nothing.
  func forward(
    _ x: inout Matrix, sequences: [Range<Int>], bias: RelativeBias?, _ scratch: inout Scratch
  ) {
    qkv.forward(x, into: &scratch.qkv)
    let context = attention.forward(scratch.qkv, sequences: sequences, bias: bias)
    attentionOutput.forwardWithoutBias(context, into: &scratch.branch)
    attentionNorm.apply(to: &x, adding: scratch.branch, bias: attentionOutput.bias)
    intermediate.forward(x, activation: configuration.activation, into: &scratch.inner)
    output.forwardWithoutBias(scratch.inner, into: &scratch.branch)
    outputNorm.apply(to: &x, adding: scratch.branch, bias: output.bias)
  }

  // MARK: Training

  /// What backward needs of one forward pass. What costs less to compute again than to hold is not
  /// here: x₁ and the layer's input are outputs of norms, f is the activation of `inner`.
  struct Kept: Sendable {
    fileprivate var qkv: Matrix  // (T, 3H)
    fileprivate var context: Matrix  // (T, H)
    fileprivate var attentionNorm: LayerNormState  // (T, H) and (T, 1)
    fileprivate var inner: Matrix  // (T, F): before the activation
    fileprivate var outputNorm: LayerNormState  // (T, H) and (T, 1)
  }

  /// x: (T, H) → (T, H), in place, returning what backward needs.
  func forwardKeeping(
    _ x: inout Matrix, sequences: [Range<Int>], bias: RelativeBias?, dropout base: Dropout?
  ) -> Kept {
    let dropout = dropout(base)
    let qkv = qkv.forward(x)
    let context = attention.forward(
      qkv, sequences: sequences, bias: bias, dropout: dropout?.weights)
    var branch = attentionOutput.forward(context)
    dropout?.attention.apply(to: &branch, sequences: sequences)
    let attentionState = attentionNorm.applyKeeping(to: &x, adding: branch)
    let inner = intermediate.forward(x)
    output.forward(inner.activated(configuration.activation), into: &branch)
    dropout?.output.apply(to: &branch, sequences: sequences)
    let outputState = outputNorm.applyKeeping(to: &x, adding: branch)
    return Kept(
      qkv: qkv, context: context, attentionNorm: attentionState, inner: inner,
      outputNorm: outputState)
  }

  /// The layer's output in the pass that left `kept`: the input of the next layer.
  func output(of kept: Kept) -> Matrix { outputNorm.output(of: kept.outputNorm) }

  /// Turns the gradient of the layer's output into that of its input; adds those of its parameters.
  ///
  /// - Parameter input: (T, H), of the pass that left `kept`; asked for once.
  func backward(
    _ gradient: inout Matrix, _ kept: Kept, input: () -> Matrix, sequences: [Range<Int>],
    bias: inout BiasGradient?, dropout base: Dropout?, into gradients: inout Parameters
  ) {
    let dropout = dropout(base)
    outputNorm.backward(&gradient, kept.outputNorm, into: &gradients)
    var branch = gradient
    dropout?.output.apply(to: &branch, sequences: sequences)
    branch = feedForwardBackward(branch, kept, into: &gradients)
    gradient.add(branch)

    attentionNorm.backward(&gradient, kept.attentionNorm, into: &gradients)
    branch = gradient
    dropout?.attention.apply(to: &branch, sequences: sequences)
    branch = attentionOutput.backward(branch, x: kept.context, into: &gradients)
    branch = attentionBackward(branch, kept, sequences, &bias, dropout?.weights)
    branch = qkv.backward(branch, x: input(), into: &gradients)
    gradient.add(branch)
  }

  private func feedForwardBackward(
    _ gradient: Matrix, _ kept: Kept, into gradients: inout Parameters
  ) -> Matrix {
    var branch = output.backward(
      gradient, x: kept.inner.activated(configuration.activation), into: &gradients)
    branch.backwardThrough(configuration.activation, pre: kept.inner)
    return intermediate.backward(
      branch, x: attentionNorm.output(of: kept.attentionNorm), into: &gradients)
  }

  private func attentionBackward(
    _ gradient: Matrix, _ kept: Kept, _ sequences: [Range<Int>], _ bias: inout BiasGradient?,
    _ dropout: Dropout?
  ) -> Matrix {
    guard var state = bias.take() else {
      return attention.backward(gradient, qkv: kept.qkv, sequences: sequences, dropout: dropout)
    }
    defer { bias = state }
    return attention.backward(
      gradient, qkv: kept.qkv, sequences: sequences, bias: state.bias,
      addingBiasGradientTo: &state.sum, dropout: dropout)
  }

  private func dropout(_ base: Dropout?) -> LayerDropout? {
    LayerDropout(base, layer: index, configuration)
  }
}

/// The attention bias all layers share, and the sum of their gradients, of its shape.
struct BiasGradient: Sendable {
  let bias: RelativeBias
  var sum: Matrix

  init(_ bias: RelativeBias) {
    self.bias = bias
    sum = Matrix(rows: bias.table.rows, columns: bias.table.columns)
  }
}

/// The three dropouts of one layer: attention weights, attention output, feed-forward output.
struct LayerDropout: Sendable {
  let weights: Dropout, attention: Dropout, output: Dropout

  init?(_ base: Dropout?, layer: Int, _ configuration: BERTConfiguration) {
    guard let base else { return nil }
    weights = base.at(place: 3 * layer + 1, rate: configuration.attentionDropout)
    attention = base.at(place: 3 * layer + 2, rate: configuration.hiddenDropout)
    output = base.at(place: 3 * layer + 3, rate: configuration.hiddenDropout)
  }
}
