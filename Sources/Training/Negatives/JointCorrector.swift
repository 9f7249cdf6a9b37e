import Corrector
import Tensors

/// A residual network that learns, while an encoder is trained, where the encoder moves passages:
/// from their embeddings at the beginning to those of the step (Monath et al. 2024).
///
/// At the start it is the identity, so that draws are those by stale embeddings. Its input is always
/// the embeddings of the beginning, never a mixture of ages.
struct JointCorrector: Sendable {
  /// As it is now.
  var model: ResidualMLP
  /// As it was when the corpus was corrected last.
  var applied: MLPParameters
  /// Adam, for the network alone.
  var optimizer: MLPAdam
  let options: JointCorrectorOptions

  /// - Parameter normalizes: whether the encoder's embeddings have unit length.
  init(_ options: JointCorrectorOptions, dimension: Int, normalizes: Bool, seed: UInt64) {
    self.options = options
    model = ResidualMLP(
      identityOf: dimension, width: options.width, normalizes: normalizes, seed: seed)
    applied = model.parameters
    optimizer = MLPAdam(dimension: dimension, width: options.width)
  }

  /// The corrector as it was applied last.
  var appliedModel: ResidualMLP {
    ResidualMLP(parameters: applied, normalizes: model.normalizes)
  }

  /// Learns from the targets of one step: Adam on the drift loss, the mean of
  /// `‖h(stale) − fresh‖²`, and on λ times the divergence of the softmax where λ is not 0.
  ///
  /// A drift that is nothing but rounding is not learned from, for Adam would make much of it.
  ///
  /// - Parameters:
  ///   - stale, fresh: (n, d), n > 0.
  ///   - queries: (q, d), of the step.
  mutating func learn(stale: Matrix, fresh: Matrix, queries: Matrix, temperature: Double) {
    let weight = options.crossEntropyWeight
    for _ in 0..<options.innerSteps {
      let (loss, gradient) = model.differentiate(stale) { corrected in
        var (loss, gradient) = ResidualMLP.driftLoss(corrected: corrected, fresh: fresh)
        guard weight > 0, queries.rows > 0 else { return (loss, gradient) }
        let match = SoftmaxMatch.divergence(
          queries: queries, corrected: corrected, fresh: fresh, temperature: temperature)
        loss += Double(weight) * match.loss
        gradient.add(match.gradient, scaledBy: weight)
        return (loss, gradient)
      }
      guard loss > ResidualMLP.roundingLoss else { return }
      optimizer.step(
        &model.parameters, gradient: gradient, learningRate: options.learningRate)
    }
  }
}
