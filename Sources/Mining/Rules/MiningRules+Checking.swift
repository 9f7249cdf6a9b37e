extension MiningRules {
  /// - Throws: `MiningError` (`.invalidArgument`) naming the rule that cannot be followed.
  func check() throws(MiningError) {
    try check(rankRange, "rankRange")
    try check(lexicalRankRange, "lexicalRankRange")
    try require(
      negativesPerQuery >= 0 && lexicalNegatives >= 0 && wanted > 0,
      "negativesPerQuery must be at least 1, was \(negativesPerQuery)"
        + (lexicalNegatives == 0 ? "" : " (and \(lexicalNegatives) lexical)"))
    try check(dense, prefix: "")
    try check(cross, prefix: "cross ")
    try require(
      nearDuplicate.map { $0 > -1 && $0 <= 1 } ?? true,
      "nearDuplicate is a cosine above -1 and at most 1, was \(nearDuplicate ?? 0)")
    if case .softmax(let temperature) = sampling {
      try require(
        temperature > 0 && temperature.isFinite,
        "the softmax temperature must be positive, was \(temperature)")
    }
  }

  private func check(_ range: Range<Int>, _ name: String) throws(MiningError) {
    try require(range.lowerBound >= 0 && !range.isEmpty, "\(name) \(range) holds no rank")
  }

  private func check(_ bounds: ScoreBounds, prefix: String) throws(MiningError) {
    for (name, value) in [
      ("absoluteMargin", bounds.absoluteMargin), ("relativeMargin", bounds.relativeMargin),
      ("minimumScore", bounds.minimumScore), ("maximumScore", bounds.maximumScore),
    ] {
      try require(
        value?.isFinite ?? true, "\(prefix)\(name) must be a finite number, was \(value ?? 0)")
    }
    if let least = bounds.minimumScore, let most = bounds.maximumScore {
      try require(
        least <= most, "\(prefix)minimumScore \(least) is above \(prefix)maximumScore \(most)")
    }
  }

  private func require(_ condition: Bool, _ message: String) throws(MiningError) {
    guard condition else { throw MiningError(.invalidArgument, "mining rules: \(message)") }
  }
}
