internal import Foundation
internal import Tensors

/// The exact GELU, `x · Φ(x)` (Hendrycks and Gimpel 2016), and its derivative.
enum Gelu {
  /// Φ(x), the standard normal distribution function.
  static func gate(_ x: Float) -> Float { 0.5 * (1 + erff(x * 0.707_106_78)) }

  /// `d/dx (x · Φ(x)) = Φ(x) + x · φ(x)`.
  static func slope(_ x: Float) -> Float { gate(x) + x * 0.398_942_28 * expf(-0.5 * x * x) }

  /// Element-wise `x · Φ(x)`.
  static func apply(to matrix: inout Matrix) {
    matrix.withMutableSpan { span in
      for i in span.indices { span[i] *= gate(span[i]) }
    }
  }

  /// Multiplies `gradient` element-wise by the slope at `inputs`; one shape.
  static func multiplySlope(at inputs: Matrix, into gradient: inout Matrix) {
    gradient.withMutableSpan { gradient in
      inputs.withSpan { inputs in
        for i in inputs.indices { gradient[i] *= slope(inputs[i]) }
      }
    }
  }
}
