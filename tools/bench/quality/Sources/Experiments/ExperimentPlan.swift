import Training

/// What all experiments have in common: seeds, and the learning rates that were chosen once.
struct ExperimentPlan {
  let seeds: Int
  let rates: LearningRates
  /// Epochs and number of questions of every run.
  let base: ExperimentRun

  /// The bank of the experiments that have only one: what the released configurations of ContAccum
  /// have for Natural Questions, chosen before any result was seen.
  static let bankSize = 1_024
  static let bankSizes = [0, 128, 512, 1_024, 2_048]

  /// Gradients of micro-batches of 8 added up, `micro` of them; with a bank, ContAccum.
  func accumulation(micro: Int = 16, bank: Int = 0, hard: Int = 0) -> ExperimentRun {
    base.with {
      $0.method = bank > 0 ? .contAccum : .gradAccum
      $0.batchSize = 8 * micro
      $0.bankSize = bank
      $0.hardNegatives = hard
      $0.learningRate = rates.accumulation
    }
  }

  /// The exact gradient of a large batch.
  func gradCache(_ batch: Int, hard: Int = 0) -> ExperimentRun {
    base.with {
      $0.method = .gradCache
      $0.batchSize = batch
      $0.hardNegatives = hard
      $0.learningRate = rates.gradCache
    }
  }

  /// An update after every 8 questions.
  var sequential: ExperimentRun {
    base.with {
      $0.method = .inBatch
      $0.batchSize = 8
      $0.learningRate = rates.sequential
    }
  }

  func cell(_ name: String, _ run: ExperimentRun) -> NamedRuns {
    NamedRuns(name: name, runs: run.seeds(seeds))
  }
}
