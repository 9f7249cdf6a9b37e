import Training

/// Everything that decides what one training run comes to: two equal ones are the same run.
struct ExperimentRun: Codable, Hashable, Sendable {
  // What the gradient of an update is made of.
  var method = TrainingMethod.gradAccum
  /// Questions per update, and per loss of the methods that accumulate.
  var batchSize = 128, microBatchSize = 8
  /// Examples in the memory bank.
  var bankSize = 0
  var bankScope = BankScope.run
  var bankSides = BankSides.both
  var normaliser = LossNormaliser.allRows
  var masksFalseNegatives = true
  /// Mined negatives per question and visit.
  var hardNegatives = 0

  // How it is gone down.
  var optimizer = OptimizerKind.adamW
  var learningRate = 3e-4
  var weightDecay = 0.01, warmupShare = 0.1, clipNorm = 1.0
  var temperature = 0.05

  // What is trained, on what.
  /// Hidden units of a tower.
  var width = 512
  var epochs = 2
  /// Training questions, the first of a fixed order.
  var questions = 40_000
  /// Decides initial weights, the order of the questions and the drawn negatives.
  var seed: UInt64 = 1
  /// Judgements it is evaluated by: the name of a file in `qrels`.
  var split = "test"

  /// The switches of the engine, as a run of `steps` updates would have them.
  func configuration(steps: Int) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(
      method: method, batchSize: batchSize, microBatchSize: microBatchSize,
      negativesPerQuery: hardNegatives, steps: steps, temperature: temperature,
      bankSize: bankSize, learningRate: learningRate, warmupShare: warmupShare,
      weightDecay: weightDecay, clipNorm: clipNorm, usesDropout: false, seed: seed)
    configuration.towers = .untied
    configuration.bankScope = bankScope
    configuration.bankSides = bankSides
    configuration.normaliser = normaliser
    configuration.masksFalseNegatives = masksFalseNegatives
    return configuration
  }

  /// The same run with other values.
  func with(_ change: (inout ExperimentRun) -> Void) -> ExperimentRun {
    var run = self
    change(&run)
    return run
  }

  /// The same run under each of the seeds.
  func seeds(_ count: Int) -> [ExperimentRun] {
    (0..<count).map { index in with { $0.seed = UInt64(index + 1) } }
  }
}

/// How weights follow gradients.
enum OptimizerKind: String, Codable, Hashable, Sendable, CaseIterable {
  case adamW = "adamw"
  /// Plain gradient descent.
  case descent = "sgd"
}
