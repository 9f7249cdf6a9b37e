internal import Tensors

/// Adam for the parameters of a correcting network (Kingma and Ba 2015, algorithm 1; no weight
/// decay).
public struct MLPAdam: Sendable {
  /// Running means of the gradient and of its square.
  public private(set) var mean: MLPParameters, square: MLPParameters
  /// Steps taken so far.
  public private(set) var steps = 0
  private let beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8

  /// No steps yet, for parameters of this shape.
  public init(dimension: Int, width: Int) {
    mean = MLPParameters(dimension: dimension, width: width)
    square = mean
  }

  /// No steps yet, for parameters shaped as these.
  init(for parameters: MLPParameters) {
    mean = MLPParameters(
      inputs: parameters.w1.rows, width: parameters.w1.columns, outputs: parameters.w2.columns)
    square = mean
  }

  /// An optimiser as it was after `steps` steps: with its moments it goes on with the same bits.
  ///
  /// - Parameters:
  ///   - mean, square: moments of one shape, as read from an earlier optimiser.
  public init(mean: MLPParameters, square: MLPParameters, steps: Int) {
    precondition(
      steps >= 0 && mean.w1.rows == square.w1.rows && mean.w1.columns == square.w1.columns,
      "Adam after \(steps) steps with moments of two shapes")
    (self.mean, self.square, self.steps) = (mean, square, steps)
  }

  /// One step against `gradient`, at most about `learningRate` per parameter.
  public mutating func step(
    _ parameters: inout MLPParameters, gradient: MLPParameters, learningRate: Float
  ) {
    steps += 1
    let (b1, b2, e) = (beta1, beta2, epsilon)
    mean.forEach(with: gradient) { mean, gradient in
      combine(&mean, gradient) { b1 * $0 + (1 - b1) * $1 }
    }
    square.forEach(with: gradient) { square, gradient in
      combine(&square, gradient) { b2 * $0 + (1 - b2) * $1 * $1 }
    }
    let unbias1 = 1 - power(Double(b1), steps), unbias2 = 1 - power(Double(b2), steps)
    let rate = Float(Double(learningRate) / unbias1)
    let scale = Float(1 / unbias2)
    update(&parameters.w1, mean.w1, square.w1, rate, scale, e)
    update(&parameters.b1, mean.b1, square.b1, rate, scale, e)
    update(&parameters.w2, mean.w2, square.w2, rate, scale, e)
    update(&parameters.b2, mean.b2, square.b2, rate, scale, e)
  }
}

private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, left) = (1.0, base, exponent)
  while left > 0 {
    if left & 1 == 1 { result *= square }
    square *= square
    left >>= 1
  }
  return result
}

@inline(__always)
private func combine(_ target: inout Matrix, _ other: Matrix, _ body: (Float, Float) -> Float) {
  target.withMutableSpan { target in
    other.withSpan { other in
      for i in other.indices { target[i] = body(target[i], other[i]) }
    }
  }
}

private func update(
  _ parameter: inout Matrix, _ mean: Matrix, _ square: Matrix, _ rate: Float, _ scale: Float,
  _ epsilon: Float
) {
  parameter.withMutableSpan { parameter in
    mean.withSpan { mean in
      square.withSpan { square in
        for i in mean.indices {
          parameter[i] -= rate * mean[i] / ((square[i] * scale).squareRoot() + epsilon)
        }
      }
    }
  }
}
