import Foundation
import Tensors

@testable import Training

extension StepProgress {
  /// Step `step` of a made-up run.
  static func sample(
    _ step: Int, of total: Int = 20, loss: Float? = nil, norms: TowerNorms? = nil,
    negatives: NegativeProgress? = nil, unforetold: Float? = nil, seconds: StepSeconds? = nil,
    evaluation: DevelopmentScore? = nil
  ) -> StepProgress {
    StepProgress(
      step: step, totalSteps: total, loss: loss ?? 2 / Float(step), gradientNorm: 0.5,
      queryPull: 0.25, passagePull: 0.125, towerNorms: norms, bankedExamples: 8,
      learningRate: 1e-5 * Float(step), pairsSeen: 4 * step, tokensSeen: 100 * step,
      accuracy: 0.75, negatives: negatives, unforetold: unforetold, seconds: seconds,
      evaluation: evaluation)
  }
}

extension NegativeProgress {
  static let sample = NegativeProgress(
    drawn: 32, corpusEncodings: 600, staleness: 0.5, correctedStaleness: 0.25, driftLoss: 0.125)
}

extension DevelopmentScore {
  static func sample(_ value: Double, best: Bool = true) -> DevelopmentScore {
    DevelopmentScore(
      metrics: ["ndcg@10": value, "mrr@10": value / 2], name: "ndcg@10", value: value,
      isBest: best)
  }
}

extension MachineReading {
  /// `seconds` into a session that began in 2023.
  static func sample(_ seconds: Double) -> MachineReading {
    MachineReading(
      time: 1_700_000_000 + seconds, seconds: seconds, residentBytes: 500_000_000 + Int(seconds))
  }
}

extension RunDescription {
  static func sample(
    title: String = "MiniLM on SQuAD", steps: Int = 20
  ) -> RunDescription {
    RunDescription(
      title: title, configuration: TrainingConfiguration(steps: steps, checkpointEvery: 5),
      encoder: "encoder-fingerprint", data: "data-digest", pairs: 80)
  }
}
