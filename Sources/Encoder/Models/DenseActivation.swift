import Foundation
import Tensors

/// The function of a Dense module, applied to one vector per text.
public enum DenseActivation: String, Sendable, CaseIterable {
  case identity
  case tanh
  case relu
  /// x · Φ(x), Φ the normal distribution function.
  case gelu
  case sigmoid

  /// Its class in PyTorch, by import path.
  var importPath: String {
    switch self {
    case .identity: "torch.nn.modules.linear.Identity"
    case .tanh: "torch.nn.modules.activation.Tanh"
    case .relu: "torch.nn.modules.activation.ReLU"
    case .gelu: "torch.nn.modules.activation.GELU"
    case .sigmoid: "torch.nn.modules.activation.Sigmoid"
    }
  }

  /// The function behind an import path, also of the short form `torch.nn.Tanh`; nil when Freshet
  /// does not know it.
  init?(importPath: String) {
    let name = importPath.split(separator: ".").last.map(String.init) ?? ""
    let known = Self.allCases.first { $0.importPath.hasSuffix(".\(name)") }
    guard let known, [known.importPath, "torch.nn.\(name)"].contains(importPath) else { return nil }
    self = known
  }

  /// Applies the function in place.
  func apply(to x: inout Matrix) {
    guard self != .identity else { return }
    x.withMutableSpan { span in
      for i in span.indices { span[i] = value(span[i]) }
    }
  }

  /// Turns the gradient with respect to the result into that with respect to `pre`, the argument.
  func backward(_ gradient: inout Matrix, pre: Matrix) {
    guard self != .identity else { return }
    gradient.withMutableSpan { gradient in
      pre.withSpan { pre in
        for i in pre.indices { gradient[i] *= slope(pre[i]) }
      }
    }
  }

  private func value(_ x: Float) -> Float {
    switch self {
    case .identity: x
    case .tanh: Foundation.tanh(x)
    case .relu: max(x, 0)
    case .gelu: x * Self.normalDistribution(x)
    case .sigmoid: 1 / (1 + exp(-x))
    }
  }

  private func slope(_ x: Float) -> Float {
    switch self {
    case .identity: 1
    case .tanh: 1 - Foundation.tanh(x) * Foundation.tanh(x)
    case .relu: x > 0 ? 1 : 0
    case .gelu:
      Self.normalDistribution(x) + x * exp(-x * x / 2) / (2 * Float.pi).squareRoot()
    case .sigmoid: value(x) * (1 - value(x))
    }
  }

  private static func normalDistribution(_ x: Float) -> Float {
    (1 + erf(x / Float(2).squareRoot())) / 2
  }
}
