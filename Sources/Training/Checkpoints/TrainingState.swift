import Encoder
import Tensors

/// Everything the next step depends on, beside the configuration, the encoder and the data.
///
/// Randomness needs no place here: every draw is a function of the seed and the step.
struct TrainingState: Sendable {
  /// The network being trained.
  var model: EmbeddingModel
  /// The optimizer with both moments.
  var optimizer: AdamW
  /// Where the run stands in its data.
  var position = DataPosition()
  /// Pairs and tokens trained on.
  var pairs = 0, tokens = 0
  /// The loss of every step done, in nats.
  var losses: [Float] = []

  /// Steps done.
  var step: Int { losses.count }

  /// The state before the first step.
  init(model: EmbeddingModel, weightDecay: Double) {
    self.model = model
    optimizer = AdamW(parameters: model.parameters, weightDecay: weightDecay)
  }

  /// Mean loss of the last tenth of the steps done, at least one; 0 before the first.
  var meanLossOfLastTenth: Float {
    let last = losses.suffix((losses.count + 9) / 10)
    return last.isEmpty ? 0 : Float(last.reduce(0.0) { $0 + Double($1) } / Double(last.count))
  }
}
