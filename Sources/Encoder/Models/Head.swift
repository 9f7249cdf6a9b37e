import Tensors

/// The modules after the pooling, over the slots of one model's parameters.
///
/// x: (sequences, pooled width) → (sequences, embedding width).
struct Head: Sendable {
  let modules: [HeadModule]
  /// Index of the first slot of each module.
  private let firstSlots: [Int]

  /// - Parameter firstSlot: where the head's slots begin among the model's.
  init(_ modules: [HeadModule], firstSlot: Int) {
    self.modules = modules
    var next = firstSlot
    firstSlots = modules.map { module in
      defer { next += module.tensors.count }
      return next
    }
  }

  /// What backward needs of one module.
  enum Kept: Sendable {
    case dense(input: Matrix, pre: Matrix)
    case layerNorm(LayerNormState)
    case normalize(input: Matrix)
  }

  func forward(_ x: inout Matrix, _ p: Parameters) {
    for (i, slot) in firstSlots.enumerated() {
      switch modules[i] {
      case .dense(_, _, _, let activation):
        x = linear(i, x, p)
        activation.apply(to: &x)
      case .layerNorm:
        LayerNorm.apply(
          to: &x, gamma: p.values[slot], beta: p.values[slot + 1],
          epsilon: HeadModule.layerNormEpsilon)
      case .normalize: x.normalizeRows()
      }
    }
  }

  func forwardKeeping(_ x: inout Matrix, _ p: Parameters) -> [Kept] {
    firstSlots.enumerated().map { i, slot in
      let input = x
      switch modules[i] {
      case .dense(_, _, _, let activation):
        let pre = linear(i, input, p)
        x = pre
        activation.apply(to: &x)
        return .dense(input: input, pre: pre)
      case .layerNorm:
        return .layerNorm(
          LayerNorm.applyKeeping(
            to: &x, gamma: p.values[slot], beta: p.values[slot + 1],
            epsilon: HeadModule.layerNormEpsilon))
      case .normalize:
        x.normalizeRows()
        return .normalize(input: input)
      }
    }
  }

  /// Turns the gradient of the embedding into that of the pooled vector; adds those of the
  /// parameters.
  func backward(
    _ gradient: inout Matrix, _ kept: [Kept], _ p: Parameters, into gradients: inout Parameters
  ) {
    for (i, state) in zip(modules.indices, kept).reversed() {
      switch state {
      case .dense(let input, let pre):
        denseBackward(i, &gradient, input: input, pre: pre, p, into: &gradients)
      case .layerNorm(let state):
        let slot = firstSlots[i]
        let sums = LayerNorm.backward(&gradient, state: state, gamma: p.values[slot])
        gradients.values[slot].add(sums.gamma)
        gradients.values[slot + 1].add(sums.beta)
      case .normalize(let input):
        gradient = Self.throughNormalization(gradient, input)
      }
    }
  }

  /// The linear part of a Dense module: x · Wᵀ + b.
  private func linear(_ i: Int, _ x: Matrix, _ p: Parameters) -> Matrix {
    guard case .dense(_, _, let bias, _) = modules[i] else { return x }
    let slot = firstSlots[i]
    var result = product(x, p.values[slot], transposeB: true)
    if bias { result.addBias(p.values[slot + 1]) }
    return result
  }

  private func denseBackward(
    _ i: Int, _ gradient: inout Matrix, input: Matrix, pre: Matrix, _ p: Parameters,
    into gradients: inout Parameters
  ) {
    guard case .dense(_, _, let bias, let activation) = modules[i] else { return }
    let slot = firstSlots[i]
    activation.backward(&gradient, pre: pre)
    addProduct(gradient, input, transposeA: true, beta: 1, to: &gradients.values[slot])
    if bias { gradients.values[slot + 1].addColumnSums(of: gradient) }
    gradient = product(gradient, p.values[slot])
  }

  /// With u = x / |x|: dx = (du − u · ⟨du, u⟩) / |x|.
  static func throughNormalization(_ gradient: Matrix, _ input: Matrix) -> Matrix {
    let norms = input.rowNorms().map { max($0, 1e-12) }
    var unit = input
    unit.scaleRows(by: norms.map { 1 / $0 })
    let along = rowDots(gradient, unit)
    unit.scaleRows(by: along.map { -$0 })
    unit.add(gradient)
    unit.scaleRows(by: norms.map { 1 / $0 })
    return unit
  }
}
