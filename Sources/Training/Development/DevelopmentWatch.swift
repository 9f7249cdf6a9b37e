import Encoder
import Evaluation

/// Evaluates a run on its development set when it is time to, and keeps the best weights.
struct DevelopmentWatch {
  private let set: DevelopmentSet
  private let trainer: Trainer
  private let best: BestWeights

  init(_ set: DevelopmentSet, _ trainer: Trainer, _ best: BestWeights) {
    self.set = set
    self.trainer = trainer
    self.best = best
  }

  /// Evaluates after a step that is to be evaluated, else returns nil.
  func look(at state: inout TrainingState) throws -> DevelopmentScore? {
    let configuration = trainer.configuration
    let isDue = configuration.evaluateEvery > 0 && state.step % configuration.evaluateEvery == 0
    guard isDue || state.step == configuration.steps else { return nil }
    let metrics = try set.metrics(of: state.towers, trainer.encoder, configuration)
    let name = set.deciding.name
    let value = metrics[name, default: 0]
    let isBest = state.best.map { value > $0.metrics[name, default: 0] } ?? true
    if isBest {
      try best.keep(state.towers, step: state.step)
      state.best = BestSoFar(step: state.step, metrics: metrics)
    } else {
      state.best?.evaluationsSince += 1
    }
    return DevelopmentScore(metrics: metrics, name: name, value: value, isBest: isBest)
  }

  /// Puts the best weights in the place of the last.
  func restoreBest(_ state: inout TrainingState) throws {
    guard let found = state.best, found.step != state.step else { return }
    let weights = try best.weights(of: found.step, like: state.towers)
    for tower in state.towers.indices { state.towers[tower].parameters = weights[tower] }
  }
}
