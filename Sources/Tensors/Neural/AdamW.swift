internal import CKernels

/// The constants of one AdamW update (Loshchilov and Hutter 2019, algorithm 2).
public struct AdamWStep: Sendable {
  /// Learning rate of this step.
  public var learningRate: Float
  /// Decay rates of the two moving averages.
  public var beta1: Float = 0.9, beta2: Float = 0.999
  /// Added to the root of the second moment.
  public var epsilon: Float = 1e-8
  /// Decoupled weight decay.
  public var weightDecay: Float
  /// Factor on the gradient (clipping).
  public var gradientScale: Float
  /// 1 for the first update.
  public var number: Int

  public init(
    learningRate: Float, beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8,
    weightDecay: Float, gradientScale: Float, number: Int
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.gradientScale = gradientScale
    self.number = number
  }

  /// Updates `parameters` and both moments in place; all four have one shape.
  public func apply(
    to parameters: inout Matrix, gradient: Matrix, mean: inout Matrix, variance: inout Matrix
  ) {
    let count = parameters.count
    precondition(
      gradient.count == count && mean.count == count && variance.count == count, "AdamW: shapes")
    let correction1 = Float(1 - power(Double(beta1), number))
    let correction2 = Float(1 - power(Double(beta2), number))
    unsafe parameters.withUnsafeMutableElements { p in
      unsafe gradient.withUnsafeElements { g in
        unsafe mean.withUnsafeMutableElements { m in
          unsafe variance.withUnsafeMutableElements { v in
            let (p, g, m, v) = unsafe (
              SharedMutable(orEmpty: p), Shared(orEmpty: g), SharedMutable(orEmpty: m),
              SharedMutable(orEmpty: v)
            )
            Threads.forEachRange(of: count, minimum: 1 << 15) { part in
              let i = part.lowerBound
              unsafe ck_adamw(
                p.pointer + i, g.pointer + i, m.pointer + i, v.pointer + i, part.count,
                gradientScale, learningRate, beta1, beta2, epsilon, weightDecay, correction1,
                correction2)
            }
          }
        }
      }
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1.0) { product, _ in product * base }
  }
}
