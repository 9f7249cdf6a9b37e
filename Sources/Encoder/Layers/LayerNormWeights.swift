import Tensors

/// A layer norm with its scale and shift, `(1, hidden)` each.
struct LayerNormWeights: Sendable {
  private let slots: BERTSlots.Norm
  private let gamma: Matrix, beta: Matrix
  private let epsilon: Float

  init(_ slots: BERTSlots.Norm, _ parameters: Parameters, epsilon: Float) {
    self.slots = slots
    gamma = parameters.values[slots.gamma]
    beta = parameters.values[slots.beta]
    self.epsilon = epsilon
  }

  /// x = norm(x + y + bias), in place, keeping nothing.
  func apply(to x: inout Matrix, adding y: Matrix? = nil, bias: Matrix? = nil) {
    LayerNorm.apply(to: &x, adding: y, bias: bias, gamma: gamma, beta: beta, epsilon: epsilon)
  }

  /// x = norm(x + y), in place, returning what backward needs.
  func applyKeeping(to x: inout Matrix, adding y: Matrix? = nil) -> LayerNormState {
    LayerNorm.applyKeeping(to: &x, adding: y, gamma: gamma, beta: beta, epsilon: epsilon)
  }

  /// What the norm gave, computed again.
  func output(of state: LayerNormState) -> Matrix {
    LayerNorm.output(of: state, gamma: gamma, beta: beta)
  }

  /// Turns the gradient of the output into that of the input; adds those of scale and shift.
  func backward(
    _ gradient: inout Matrix, _ state: LayerNormState, into gradients: inout Parameters
  ) {
    let sums = LayerNorm.backward(&gradient, state: state, gamma: gamma)
    gradients.values[slots.gamma].add(sums.gamma)
    gradients.values[slots.beta].add(sums.beta)
  }
}
