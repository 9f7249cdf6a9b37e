public import Encoder

/// What one step did.
public struct StepProgress: Sendable, Equatable {
  /// Steps done, this one included, and steps of the whole run.
  public let step: Int, totalSteps: Int
  /// Mean InfoNCE loss of the step's queries, in nats, before the update.
  public let loss: Float
  /// Euclidean norm of the whole gradient before clipping.
  public let gradientNorm: Float
  /// Learning rate of the update.
  public let learningRate: Float
  /// Query-positive pairs trained on so far, repeats counted.
  public let pairsSeen: Int
  /// Tokens of queries and passages so far; a text that one step encodes twice counts once.
  public let tokensSeen: Int
  /// Share of the step's queries that scored their positive above every negative.
  public let accuracy: Float

  /// Done share of the run, in (0, 1].
  public var fractionCompleted: Double { Double(step) / Double(max(totalSteps, 1)) }
}

/// What a run came to.
public struct TrainingOutcome: Sendable {
  /// The trained network; ``EmbeddingModel/parameters`` hands out tensors to save.
  public let model: EmbeddingModel
  /// Steps done, over all runs that led here.
  public let steps: Int
  /// Query-positive pairs trained on, repeats counted.
  public let pairs: Int
  /// Tokens trained on.
  public let tokens: Int
  /// Loss of the last step, in nats; 0 when there was none.
  public let lastLoss: Float
  /// Mean loss of the last tenth of the steps done (at least one), in nats.
  public let meanLossOfLastTenth: Float
  /// False when the run was stopped; it can be resumed from its checkpoint.
  public let finished: Bool
}
