extension TrainingConfiguration {
  /// Checks that every value can be used.
  ///
  /// - Throws: `TrainingError.invalidConfiguration` naming the first that cannot, and its range.
  public func validate() throws(TrainingError) {
    try validateBatch()
    try sampling?.validate()
    try validateObjective()
    try validateOptimization()
    // [CLS], one token, [SEP].
    try require(maximumQueryLength >= 3, "maximumQueryLength", maximumQueryLength, "at least 3")
    try require(
      maximumPassageLength >= 3, "maximumPassageLength", maximumPassageLength, "at least 3")
    try require(chunkRows >= 1, "chunkRows", chunkRows, "at least 1")
    try require(chunkTokens ?? 1 >= 1, "chunkTokens", chunkTokens ?? 0, "at least 1")
    try require(keptTokens >= 0, "keptTokens", keptTokens, "0 or more")
    try require(checkpointEvery >= 0, "checkpointEvery", checkpointEvery, "0 or more")
    try require(keptCheckpoints >= 1, "keptCheckpoints", keptCheckpoints, "at least 1")
    try require(evaluateEvery >= 0, "evaluateEvery", evaluateEvery, "0 or more")
    try require(patience ?? 1 >= 1, "patience", patience ?? 0, "at least 1")
  }

  private func validateBatch() throws(TrainingError) {
    try require(steps >= 1, "steps", steps, "at least 1")
    try require(batchSize >= 1, "batchSize", batchSize, "at least 1")
    try require(negativesPerQuery >= 0, "negativesPerQuery", negativesPerQuery, "not negative")
    try require(bankSize >= 0, "bankSize", bankSize, "0 or more")
    if method == .gradAccum || method == .contAccum {
      try require(
        microBatchSize >= 1 && batchSize % microBatchSize == 0, "microBatchSize", microBatchSize,
        "a divisor of the batch, which is \(batchSize)")
    }
    if method == .contAccum {
      try require(bankSize >= 1, "bankSize", bankSize, "at least 1 for \(method.rawValue)")
    }
    try require(
      groupSize + hardNegativesPerQuery + bankSize >= 2,
      groupsPerUpdate > 1 ? "microBatchSize" : "batchSize", groupSize,
      "at least 2 without negatives")
  }

  private func validateObjective() throws(TrainingError) {
    try require(temperature.isFinite && temperature > 0, "temperature", temperature, "above 0")
    let kept = keepCorrectable ?? 0
    try require(kept.isFinite && kept >= 0, "keepCorrectable", kept, "0 or more")
    try require(
      matryoshkaDimensions.allSatisfy { $0 >= 1 }
        && Set(matryoshkaDimensions).count == matryoshkaDimensions.count,
      "matryoshkaDimensions", matryoshkaDimensions, "different numbers, each at least 1")
    try require(
      !isSymmetric || bankSides == .both || bankSize == 0, "bankSides", bankSides.rawValue,
      "both when the loss is symmetric")
  }

  private func validateOptimization() throws(TrainingError) {
    try require(learningRate.isFinite && learningRate > 0, "learningRate", learningRate, "above 0")
    try require((0...1).contains(warmupShare), "warmupShare", warmupShare, "from 0 to 1")
    try require(weightDecay.isFinite && weightDecay >= 0, "weightDecay", weightDecay, "0 or more")
    try require(
      freezesPassages != true || towers == .untied, "towers", towers.rawValue,
      "untied when passages are frozen")
    try require(frozenLayers ?? 0 >= 0, "frozenLayers", frozenLayers ?? 0, "0 or more")
    try require(clipNorm > 0, "clipNorm", clipNorm, "above 0 (infinity for no clipping)")
  }

  private func require(
    _ holds: Bool, _ name: String, _ value: some CustomStringConvertible, _ range: String
  ) throws(TrainingError) {
    guard !holds else { return }
    throw TrainingError(.invalidConfiguration, "\(name) is \(value); it must be \(range)")
  }
}
