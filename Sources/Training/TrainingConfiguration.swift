/// How the rows of a batch are encoded. The gradient is the same either way.
public enum TrainingMethod: String, Sendable, Codable, CaseIterable {
  /// All rows at once: fastest; memory grows with the batch.
  case inBatch = "in-batch"
  /// In chunks, twice (GradCache, Gao et al. 2021): the memory of one chunk, a third more time.
  case gradCache = "grad-cache"
}

/// Everything that decides what a training run computes.
public struct TrainingConfiguration: Sendable, Codable, Equatable {
  /// How the rows of a batch are encoded.
  public var method: TrainingMethod
  /// Queries per step; each has one positive, which is a negative of the others.
  public var batchSize: Int
  /// Given negatives drawn per query and step, where the query has them.
  public var negativesPerQuery: Int
  /// Optimizer updates.
  public var steps: Int
  /// Softmax temperature τ: logits are `score / τ`.
  public var temperature: Double
  /// Learning rate at its peak.
  public var learningRate: Double
  /// Share of the steps in which the learning rate rises from 0.
  public var warmupShare: Double
  /// Decoupled weight decay of matrices; biases and layer norms have none.
  public var weightDecay: Double
  /// Gradients of a larger Euclidean norm are scaled down to this one.
  public var clipNorm: Double
  /// Tokens of a query at most, special ones included.
  public var maximumQueryLength: Int
  /// Tokens of a passage at most, special ones included.
  public var maximumPassageLength: Int
  /// Texts encoded at once by ``TrainingMethod/gradCache``; bounds memory only.
  public var chunkRows: Int
  /// Whether the encoder's own dropout is on.
  public var usesDropout: Bool
  /// Decides shuffling, sampling and dropout.
  public var seed: UInt64
  /// Steps between checkpoints; 0 writes one only when the run stops or ends.
  public var checkpointEvery: Int
  /// Checkpoints that are kept, the newest.
  public var keptCheckpoints: Int

  /// A configuration; see ``validate()`` for what the values may be.
  public init(
    method: TrainingMethod = .inBatch, batchSize: Int = 32, negativesPerQuery: Int = 1,
    steps: Int, temperature: Double = 0.05, learningRate: Double = 2e-5,
    warmupShare: Double = 0.1, weightDecay: Double = 0.01, clipNorm: Double = 1,
    maximumQueryLength: Int = 32, maximumPassageLength: Int = 128, chunkRows: Int = 16,
    usesDropout: Bool = true, seed: UInt64 = 1, checkpointEvery: Int = 100,
    keptCheckpoints: Int = 2
  ) {
    self.method = method
    self.batchSize = batchSize
    self.negativesPerQuery = negativesPerQuery
    self.steps = steps
    self.temperature = temperature
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
}

extension TrainingConfiguration {
  /// Checks that every value can be used.
  ///
  /// - Throws: `TrainingError.invalidConfiguration` naming the first that cannot, and its range.
  public func validate() throws(TrainingError) {
    try require(steps >= 1, "steps", steps, "at least 1")
    try require(batchSize >= 1, "batchSize", batchSize, "at least 1")
    try require(negativesPerQuery >= 0, "negativesPerQuery", negativesPerQuery, "not negative")
    try require(
      batchSize + negativesPerQuery >= 2, "batchSize", batchSize, "at least 2 without negatives")
    try require(temperature.isFinite && temperature > 0, "temperature", temperature, "above 0")
    try require(learningRate.isFinite && learningRate > 0, "learningRate", learningRate, "above 0")
    try require((0...1).contains(warmupShare), "warmupShare", warmupShare, "from 0 to 1")
    try require(weightDecay.isFinite && weightDecay >= 0, "weightDecay", weightDecay, "0 or more")
    try require(clipNorm > 0, "clipNorm", clipNorm, "above 0 (infinity for no clipping)")
    // [CLS], one token, [SEP].
    try require(maximumQueryLength >= 3, "maximumQueryLength", maximumQueryLength, "at least 3")
    try require(
      maximumPassageLength >= 3, "maximumPassageLength", maximumPassageLength, "at least 3")
    try require(chunkRows >= 1, "chunkRows", chunkRows, "at least 1")
    try require(checkpointEvery >= 0, "checkpointEvery", checkpointEvery, "0 or more")
    try require(keptCheckpoints >= 1, "keptCheckpoints", keptCheckpoints, "at least 1")
  }

  private func require(
    _ holds: Bool, _ name: String, _ value: some CustomStringConvertible, _ range: String
  ) throws(TrainingError) {
    guard !holds else { return }
    throw TrainingError(.invalidConfiguration, "\(name) is \(value); it must be \(range)")
  }
}
