/// One module between pooling and embedding, as sentence-transformers has them.
public enum HeadModule: Sendable, Equatable {
  /// `activation(x · Wᵀ + b)`.
  case dense(inputs: Int, outputs: Int, bias: Bool, activation: DenseActivation)
  /// Layer normalisation with a scale and a shift; epsilon is PyTorch's, 1e-5.
  case layerNorm(width: Int)
  /// Scaling to unit length.
  case normalize

  /// Epsilon of ``layerNorm(width:)``.
  static let layerNormEpsilon: Float = 1e-5

  /// Columns after this module, given those before it.
  func width(after width: Int) -> Int {
    if case .dense(_, let outputs, _, _) = self { outputs } else { width }
  }

  /// The trained tensors under the names they have in the module's own file.
  var tensors: [(name: String, shape: [Int])] {
    switch self {
    case .dense(let inputs, let outputs, let bias, _):
      [("linear.weight", [outputs, inputs])] + (bias ? [("linear.bias", [outputs])] : [])
    case .layerNorm(let width): [("norm.weight", [width]), ("norm.bias", [width])]
    case .normalize: []
    }
  }

  /// The class's name in sentence-transformers.
  var typeName: String {
    switch self {
    case .dense: "Dense"
    case .layerNorm: "LayerNorm"
    case .normalize: "Normalize"
    }
  }

  /// Everything that changes an embedding, weights aside, in words that never change.
  var identity: String {
    switch self {
    case .dense(let inputs, let outputs, let bias, let activation):
      "dense \(inputs) to \(outputs)\(bias ? " with bias" : ""), \(activation.rawValue)"
    case .layerNorm(let width): "layer norm \(width)"
    case .normalize: "normalize"
    }
  }
}

extension [HeadModule] {
  /// Number of modules before the head: the transformer and the pooling.
  private static var offset: Int { 2 }

  /// What stands before the names of a module's tensors among all the model's: its place in the
  /// list of modules, "modules.2." for the first one after the pooling.
  static func prefix(_ index: Int) -> String { "modules.\(index + offset)." }

  /// Every trained tensor with its name among all the model's.
  var tensors: [(name: String, shape: [Int])] {
    enumerated().flatMap { index, module in
      module.tensors.map { (Self.prefix(index) + $0.name, $0.shape) }
    }
  }

  /// The tensors as slots of a model's parameters.
  var slots: [ParameterSlot] {
    tensors.map { name, shape in
      shape.count == 2 ? .matrix(name, shape[0], shape[1]) : .vector(name, shape[0])
    }
  }

  /// Columns of an embedding, given those of a pooled vector.
  func width(after pooled: Int) -> Int { reduce(pooled) { $1.width(after: $0) } }
}
