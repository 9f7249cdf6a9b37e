import Encoder
import Tensors
import Training

/// Two untied towers, of queries and of passages, with their optimizers.
struct TowerPair: Sendable {
  var query: FeatureTower, passage: FeatureTower
  private var updates: [any ParameterUpdate]

  init(dimension: Int, run: ExperimentRun) {
    var random = RandomStream(seed: run.seed, stream: 7)
    query = FeatureTower(dimension: dimension, width: run.width, random: &random)
    passage = FeatureTower(dimension: dimension, width: run.width, random: &random)
    updates = [query, passage].map { run.optimizer.update(of: $0.parameters, run: run) }
  }

  /// One update of all weights by gradients of the query and the passage tower, times `scale`.
  mutating func update(_ gradients: [Parameters], learningRate: Double, scale: Double) {
    updates[0].update(
      &query.parameters, gradients: gradients[0], learningRate: learningRate, gradientScale: scale)
    updates[1].update(
      &passage.parameters, gradients: gradients[1], learningRate: learningRate,
      gradientScale: scale)
  }
}

/// An optimizer of one tower.
protocol ParameterUpdate: Sendable {
  mutating func update(
    _ parameters: inout Parameters, gradients: Parameters, learningRate: Double,
    gradientScale: Double)
}

extension AdamW: ParameterUpdate {}

/// Steps down the gradient, with no memory: what scales a loss scales its steps.
struct GradientDescent: ParameterUpdate {
  mutating func update(
    _ parameters: inout Parameters, gradients: Parameters, learningRate: Double,
    gradientScale: Double
  ) {
    for i in parameters.values.indices {
      parameters.values[i].add(gradients.values[i], scaledBy: Float(-learningRate * gradientScale))
    }
  }
}

extension OptimizerKind {
  fileprivate func update(of parameters: Parameters, run: ExperimentRun) -> any ParameterUpdate {
    switch self {
    case .adamW: AdamW(parameters: parameters, weightDecay: run.weightDecay)
    case .descent: GradientDescent()
    }
  }
}
