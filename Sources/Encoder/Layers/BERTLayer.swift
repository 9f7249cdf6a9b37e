import Tensors

/// One transformer layer: self-attention and a feed-forward block, each with residual and norm.
///
/// forward:  a = attention(x·Wqkv + b);  x₁ = norm(x + drop(a·Wo + b))
///           f = activation(x₁·W₁ + b);  x₂ = norm(x₁ + drop(f·W₂ + b))
struct BERTLayer: Sendable {
  let index: Int
  let configuration: BERTConfiguration
  let slots: BERTSlots.Layer
  private var attention: Attention {
    Attention(heads: configuration.headCount, hidden: configuration.hiddenSize)
  }

  /// What backward needs of one forward pass. T tokens, H hidden, F inner:
  struct Kept: Sendable {
    var input: Matrix  // (T, H)
    var qkv: Matrix  // (T, 3H)
    var context: Matrix  // (T, H)
    var attentionNorm: LayerNormState  // (T, H) and (T, 1)
    var middle: Matrix  // (T, H): x₁
    var inner: Matrix  // (T, F): before the activation
    var activated: Matrix  // (T, F)
    var outputNorm: LayerNormState  // (T, H) and (T, 1)
  }

  /// x: (T, H) → (T, H), in place, keeping nothing.
  func forward(
    _ x: inout Matrix, sequences: [Range<Int>], bias: RelativeBias?, _ p: Parameters
  ) {
    var qkv = LinearLayer.forward(x, slots.qkv, p)
    qkv.addBias(p.values[slots.qkv.bias])
    let context = attention.forward(qkv, sequences: sequences, bias: bias)
    let projected = LinearLayer.forward(context, slots.attentionOutput, p)
    norm(&x, adding: projected, bias: slots.attentionOutput.bias, slots.attentionNorm, p)
    var inner = LinearLayer.forward(x, slots.intermediate, p)
    inner.addBiasAndActivate(p.values[slots.intermediate.bias], configuration.activation)
    let output = LinearLayer.forward(inner, slots.output, p)
    norm(&x, adding: output, bias: slots.output.bias, slots.outputNorm, p)
  }

  private func norm(
    _ x: inout Matrix, adding y: Matrix, bias: Int, _ norm: BERTSlots.Norm, _ p: Parameters
  ) {
    LayerNorm.apply(
      to: &x, adding: y, bias: p.values[bias], gamma: p.values[norm.gamma],
      beta: p.values[norm.beta], epsilon: configuration.layerNormEpsilon)
  }

  /// x: (T, H) → (T, H), in place, returning what backward needs.
  func forwardKeeping(
    _ x: inout Matrix, sequences: [Range<Int>], bias: RelativeBias?, dropout: LayerDropout?,
    _ p: Parameters
  ) -> Kept {
    let input = x
    var qkv = LinearLayer.forward(x, slots.qkv, p)
    qkv.addBias(p.values[slots.qkv.bias])
    let context = attention.forward(
      qkv, sequences: sequences, bias: bias, dropout: dropout?.weights)
    var projected = LinearLayer.forward(context, slots.attentionOutput, p)
    projected.addBias(p.values[slots.attentionOutput.bias])
    dropout?.attention.apply(to: &projected, sequences: sequences)
    let attentionNorm = normKeeping(&x, adding: projected, slots.attentionNorm, p)
    let middle = x
    var inner = LinearLayer.forward(x, slots.intermediate, p)
    let activated = inner.addBiasReturningActivation(
      p.values[slots.intermediate.bias], configuration.activation)
    var output = LinearLayer.forward(activated, slots.output, p)
    output.addBias(p.values[slots.output.bias])
    dropout?.output.apply(to: &output, sequences: sequences)
    let outputNorm = normKeeping(&x, adding: output, slots.outputNorm, p)
    return Kept(
      input: input, qkv: qkv, context: context, attentionNorm: attentionNorm, middle: middle,
      inner: inner, activated: activated, outputNorm: outputNorm)
  }

  private func normKeeping(
    _ x: inout Matrix, adding y: Matrix, _ norm: BERTSlots.Norm, _ p: Parameters
  ) -> LayerNormState {
    LayerNorm.applyKeeping(
      to: &x, adding: y, gamma: p.values[norm.gamma], beta: p.values[norm.beta],
      epsilon: configuration.layerNormEpsilon)
  }

  /// Turns the gradient of the layer's output into that of its input; adds those of its parameters.
  func backward(
    _ gradient: inout Matrix, _ kept: Kept, sequences: [Range<Int>], bias: inout BiasGradient?,
    dropout: LayerDropout?, _ p: Parameters, into gradients: inout Parameters
  ) {
    normBackward(&gradient, kept.outputNorm, slots.outputNorm, p, &gradients)
    var branch = gradient
    dropout?.output.apply(to: &branch, sequences: sequences)
    branch = LinearLayer.backward(branch, x: kept.activated, slots.output, p, into: &gradients)
    branch.backwardThrough(configuration.activation, pre: kept.inner)
    branch = LinearLayer.backward(branch, x: kept.middle, slots.intermediate, p, into: &gradients)
    gradient.add(branch)

    normBackward(&gradient, kept.attentionNorm, slots.attentionNorm, p, &gradients)
    branch = gradient
    dropout?.attention.apply(to: &branch, sequences: sequences)
    branch = LinearLayer.backward(
      branch, x: kept.context, slots.attentionOutput, p, into: &gradients)
    branch = attentionBackward(branch, kept, sequences, &bias, dropout?.weights)
    branch = LinearLayer.backward(branch, x: kept.input, slots.qkv, p, into: &gradients)
    gradient.add(branch)
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

  private func normBackward(
    _ gradient: inout Matrix, _ state: LayerNormState, _ norm: BERTSlots.Norm, _ p: Parameters,
    _ gradients: inout Parameters
  ) {
    let sums = LayerNorm.backward(&gradient, state: state, gamma: p.values[norm.gamma])
    gradients.values[norm.gamma].add(sums.gamma)
    gradients.values[norm.beta].add(sums.beta)
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
