/// Everything that decides what a training run computes.
public struct TrainingConfiguration: Sendable, Codable, Equatable {
  /// How gradients are come by.
  public var method: TrainingMethod
  /// Queries per update; each has one positive.
  public var batchSize: Int
  /// Queries per loss of ``TrainingMethod/gradAccum`` and ``TrainingMethod/contAccum``; divides
  /// `batchSize`. The other methods have one loss per update.
  public var microBatchSize: Int
  /// Given negatives drawn per query and step, where the query has them.
  public var negativesPerQuery: Int
  /// Negatives sampled from the whole corpus, beside those given; nil for none.
  public var sampling: NegativeSampling?
  /// w: how strongly passages are kept predictable from their embeddings by the encoder the run
  /// begins with and from their words, so that a corrector can move stored ones later; nil not at
  /// all, 0 only measures. Costs a forward pass of the passages and tells nothing of quality.
  public var keepCorrectable: Double?
  /// Optimizer updates.
  public var steps: Int
  /// Softmax temperature τ: logits are `score / τ`.
  public var temperature: Double
  /// Whether passages also look for their queries; the loss is the mean of both directions.
  public var isSymmetric = false
  /// Leading dimensions that have a loss of their own (Matryoshka, Kusupati et al. 2022), each of
  /// the same weight; empty for whole embeddings only. The width of whole embeddings is one of
  /// them when it is meant to count.
  public var matryoshkaDimensions: [Int] = []
  /// Whether one encoder serves queries and passages, or two.
  public var towers = TowerTying.tied
  /// Examples in the memory bank; 0 for none. ``TrainingMethod/contAccum`` needs one; the other
  /// methods may have one.
  public var bankSize: Int
  /// How long embeddings stay in the bank.
  public var bankScope = BankScope.run
  /// What the bank holds.
  public var bankSides = BankSides.both
  /// What the sum of losses is divided by.
  public var normaliser = LossNormaliser.allRows
  /// Whether passages known to answer a query are kept from being its negatives, by id.
  public var masksFalseNegatives = true
  /// Learning rate at its peak.
  public var learningRate: Double
  /// Share of the steps in which the learning rate rises from 0.
  public var warmupShare: Double
  /// How the learning rate goes on after its rise.
  public var decay = RateDecay.linear
  /// Decoupled weight decay of matrices; biases and layer norms have none.
  public var weightDecay: Double
  /// Gradients of a larger Euclidean norm are scaled down to this one.
  public var clipNorm: Double
  /// How many of the first layers keep their weights, and with them the tables of words and
  /// positions below: 0 freezes the tables alone, nil nothing.
  public var frozenLayers: Int?
  /// Whether the passage tower stays as it was, without dropout, and only queries are trained (ADORE,
  /// Zhan et al. 2021): stored passages then never go stale. Needs two towers. Nil is false.
  public var freezesPassages: Bool?
  /// Tokens of a query at most, special ones included.
  public var maximumQueryLength: Int
  /// Tokens of a passage at most, special ones included.
  public var maximumPassageLength: Int
  /// Texts encoded at once by ``TrainingMethod/gradCache``; bounds memory only.
  public var chunkRows: Int
  /// Tokens encoded at once, or nil for no bound: ``TrainingMethod/gradCache`` is then bounded by
  /// `chunkRows` alone, the other methods encode the rows of a loss whole. A longer text is a chunk
  /// of its own. Bounds memory only: it changes no loss, and gradients by rounding.
  public var chunkTokens: Int?
  /// Of rows encoded in chunks, tokens whose activations are kept for the backward pass instead of
  /// being computed twice. Spends memory to save time; changes nothing.
  public var keptTokens = 0
  /// What becomes of pairs that fill no batch.
  public var shortBatch = ShortBatch.dropped
  /// Whether the encoder's own dropout is on.
  public var usesDropout: Bool
  /// Decides shuffling, sampling and dropout.
  public var seed: UInt64
  /// Steps between checkpoints; 0 writes one only when the run stops or ends.
  public var checkpointEvery: Int
  /// Checkpoints that are kept, the newest.
  public var keptCheckpoints: Int
  /// Steps between evaluations on the development set, when there is one; 0 for none.
  public var evaluateEvery = 0
  /// Evaluations in a row without a better one after which training ends; nil to go on to the end.
  public var patience: Int?

  /// A configuration; see ``validate()`` for what the values may be.
  public init(
    method: TrainingMethod = .inBatch, batchSize: Int = 32, microBatchSize: Int = 8,
    negativesPerQuery: Int = 1, steps: Int, temperature: Double = 0.05, bankSize: Int = 0,
    learningRate: Double = 2e-5, warmupShare: Double = 0.1, weightDecay: Double = 0.01,
    clipNorm: Double = 1, maximumQueryLength: Int = 32, maximumPassageLength: Int = 128,
    chunkRows: Int = 16, usesDropout: Bool = true, seed: UInt64 = 1, checkpointEvery: Int = 100,
    keptCheckpoints: Int = 2
  ) {
    self.method = method
    self.batchSize = batchSize
    self.microBatchSize = microBatchSize
    self.negativesPerQuery = negativesPerQuery
    self.steps = steps
    self.temperature = temperature
    self.bankSize = bankSize
    self.learningRate = learningRate
    self.warmupShare = warmupShare
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.maximumQueryLength = maximumQueryLength
    self.maximumPassageLength = maximumPassageLength
    self.chunkRows = chunkRows
    self.usesDropout = usesDropout
    self.seed = seed
    self.checkpointEvery = checkpointEvery
    self.keptCheckpoints = keptCheckpoints
  }

  /// Whether the weights of a tower stay as they were.
  func isFrozen(tower: Int) -> Bool { freezesPassages == true && tower == 1 }

  /// Losses per update.
  public var groupsPerUpdate: Int {
    switch method {
    case .inBatch, .gradCache: 1
    case .gradAccum, .contAccum: batchSize / microBatchSize
    }
  }

  /// Negatives of a query beside the passages of its batch: given and sampled ones.
  public var hardNegativesPerQuery: Int { negativesPerQuery + (sampling?.perQuery ?? 0) }

  /// Queries per loss.
  public var groupSize: Int { batchSize / groupsPerUpdate }
}
