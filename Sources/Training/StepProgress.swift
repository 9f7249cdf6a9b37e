public import Encoder

/// What one step did.
public struct StepProgress: Sendable, Equatable {
  /// Steps done, this one included, and steps of the whole run.
  public let step: Int, totalSteps: Int
  /// Mean InfoNCE loss of the step's queries, in nats, before the update.
  public let loss: Float
  /// Euclidean norm of the whole gradient before clipping.
  public let gradientNorm: Float
  /// Euclidean norms of the loss's gradient by the embeddings of queries and of passages: what the
  /// towers are told, also when they are tied. Their ratio is `passages / queries`.
  public let queryPull: Float, passagePull: Float
  /// Euclidean norms of the gradients of the query and the passage tower, before clipping; nil when
  /// they are one.
  public let towerNorms: TowerNorms?
  /// Examples in the memory bank after the step.
  public let bankedExamples: Int
  /// Learning rate of the update.
  public let learningRate: Float
  /// Query-positive pairs trained on so far, repeats counted.
  public let pairsSeen: Int
  /// Tokens of queries and passages so far; a text that one step encodes twice counts once.
  public let tokensSeen: Int
  /// Share of the step's queries that scored their positive above every negative.
  public let accuracy: Float

  /// What sampling negatives came to, when they are sampled.
  public internal(set) var negatives: NegativeProgress?
  /// Mean squared distance of the step's passages from what was foretold of them before it, when
  /// they are kept predictable.
  public internal(set) var unforetold: Float?
  /// What the step took, when the run was given a clock and negatives are sampled.
  public internal(set) var seconds: StepSeconds?

  /// What the evaluation after this step found, when there was one.
  public internal(set) var evaluation: DevelopmentScore?

  /// Done share of the run, in (0, 1].
  public var fractionCompleted: Double { Double(step) / Double(max(totalSteps, 1)) }
}

/// What a run came to.
public struct TrainingOutcome: Sendable {
  /// The trained network, that of passages when there are two; ``EmbeddingModel/parameters`` hands
  /// out tensors to save.
  public let model: EmbeddingModel
  /// The network of queries when it is another one.
  public let queryModel: EmbeddingModel?
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
  /// Passages encoded so that negatives could be sampled; nil when none are sampled.
  public let corpusEncodings: Int?
  /// The step after which the development set was done best on, when there is one: the networks are
  /// those of that step.
  public let bestStep: Int?
  /// The metrics of that step by name.
  public let bestMetrics: [String: Double]
  /// False when the run was stopped; it can be resumed from its checkpoint.
  public let finished: Bool
}

/// Norms of the gradients of two towers.
public struct TowerNorms: Sendable, Codable, Equatable {
  public let query: Float, passage: Float

  /// The GradNormRatio of ContAccum (Kim et al. 2024, §3.3): passage over query.
  public var ratio: Float { passage / query }
}

/// What an evaluation during training found.
public struct DevelopmentScore: Sendable, Codable, Equatable {
  /// Metrics by name, such as `ndcg@10`.
  public let metrics: [String: Double]
  /// The metric that decides, and its value.
  public let name: String, value: Double
  /// Whether it is the best of the run so far.
  public let isBest: Bool
}
