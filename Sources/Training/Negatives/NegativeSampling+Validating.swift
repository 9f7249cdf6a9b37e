extension NegativeSampling {
  /// Checks that every value can be used.
  ///
  /// - Throws: `TrainingError.invalidConfiguration` naming the first that cannot, and its range.
  public func validate() throws(TrainingError) {
    try require(perQuery >= 1, "perQuery", perQuery, "at least 1")
    if let margin {
      try require(margin.isFinite, "margin", margin, "a finite number")
      try require(source.drawsByScore, "margin", margin, "unset for uniform, which has no scores")
    }
    try require(reEncodeEvery >= 1, "reEncodeEvery", reEncodeEvery, "at least 1")
    try validateCorrector()
  }

  private func validateCorrector() throws(TrainingError) {
    let rate = corrector.learningRate, weight = corrector.crossEntropyWeight
    try require(corrector.width >= 1, "corrector.width", corrector.width, "at least 1")
    try require(rate.isFinite && rate > 0, "corrector.learningRate", rate, "above 0")
    try require(
      corrector.innerSteps >= 0, "corrector.innerSteps", corrector.innerSteps, "0 or more")
    try require(
      weight.isFinite && weight >= 0, "corrector.crossEntropyWeight", weight, "0 or more")
    try require(
      corrector.correctEvery >= 1, "corrector.correctEvery", corrector.correctEvery, "at least 1")
    if let candidates = corrector.candidates {
      try require(
        candidates >= perQuery, "corrector.candidates", candidates,
        "at least perQuery, \(perQuery)")
    }
  }

  private func require(
    _ holds: Bool, _ name: String, _ value: some CustomStringConvertible, _ range: String
  ) throws(TrainingError) {
    guard !holds else { return }
    throw TrainingError(
      .invalidConfiguration, "sampling.\(name) is \(value); it must be \(range)")
  }
}
