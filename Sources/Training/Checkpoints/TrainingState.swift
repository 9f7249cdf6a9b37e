import Encoder
import Tensors

/// Everything the next step depends on, beside the configuration, the encoder and the data.
///
/// Randomness needs no place here: every draw is a function of the seed and the step.
struct TrainingState: Sendable {
  /// The networks being trained: one, or the query's and the passage's.
  var towers: [EmbeddingModel]
  /// Their optimizers with both moments.
  var optimizers: [AdamW]
  /// Embeddings of examples that went before.
  var bank: MemoryBank
  /// What sampling negatives depends on, when they are sampled.
  var negatives: NegativeState?
  /// What foretells passages, when they are kept predictable.
  var drift: DriftMap?
  /// Where the run stands in its data.
  var position = DataPosition()
  /// Pairs and tokens trained on.
  var pairs = 0, tokens = 0
  /// What did best on the development set, when there was an evaluation.
  var best: BestSoFar?
  /// The loss of every step done, in nats.
  var losses: [Float] = []

  /// Steps done.
  var step: Int { losses.count }

  /// The state before the first step.
  init(towers: [EmbeddingModel], _ configuration: TrainingConfiguration) {
    self.towers = towers
    optimizers = towers.map {
      AdamW(
        parameters: $0.parameters, weightDecay: configuration.weightDecay,
        frozenSlots: $0.bert.slotCount(below: configuration.frozenLayers))
    }
    bank = MemoryBank(capacity: configuration.bankSize)
    let passage = towers[towers.count - 1]
    drift = configuration.keepCorrectable.map { _ in
      DriftMap(inputs: CorrectabilityPenalty.inputs(of: passage), dimension: passage.dimension)
    }
    negatives = configuration.sampling.map {
      NegativeState(
        $0, dimension: passage.dimension, normalizes: passage.normalizes,
        seed: configuration.seed)
    }
  }

  /// One update of all weights that are trained. `gradientScale` is a factor on the gradients, from
  /// clipping.
  mutating func update(
    gradients: [Parameters], learningRate: Double, gradientScale: Double,
    isFrozen: (_ tower: Int) -> Bool
  ) {
    for tower in towers.indices where !isFrozen(tower) {
      optimizers[tower].update(
        &towers[tower].parameters, gradients: gradients[tower], learningRate: learningRate,
        gradientScale: gradientScale)
    }
  }

  /// Mean loss of the last tenth of the steps done, at least one; 0 before the first.
  var meanLossOfLastTenth: Float {
    let last = losses.suffix((losses.count + 9) / 10)
    return last.isEmpty ? 0 : Float(last.reduce(0.0) { $0 + Double($1) } / Double(last.count))
  }
}

/// What did best on the development set so far.
struct BestSoFar: Sendable, Codable, Equatable {
  /// The step after which it was measured.
  var step: Int
  /// Its metrics by name.
  var metrics: [String: Double]
  /// Evaluations since that were not better.
  var evaluationsSince = 0
}
