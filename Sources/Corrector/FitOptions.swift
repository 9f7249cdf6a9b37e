/// How correctors are fitted, judged and chosen.
public struct FitOptions: Sendable, Codable, Equatable {
  /// The kinds to try. `identity` is always judged too when the dimensions agree.
  public var kinds = CorrectorKind.allCases
  /// Parts of the pairs in cross-fitting: each is judged by correctors fitted to the others, and
  /// what goes to use is fitted to all. At least 3: an MLP is stopped by one part and judged on
  /// another.
  public var folds = 5
  /// Whether corrected vectors are scaled to norm 1: true when the new encoder normalises.
  public var normalizes = true
  /// Penalties tried for ridge, as multiples of the mean variance of a stale dimension times the
  /// number of rows. All positive. The one whose held-out rows retrieve best is taken.
  public var ridgeStrengths = [1e-8, 1e-6, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1, 3, 10, 100]
  /// Ranks tried for the low-rank map; those below both dimensions are. All positive.
  public var ranks = [8, 16, 32, 64, 128]
  /// Numbers of clusters tried for the mixture of affine maps: those that leave ten pairs to each
  /// cluster are. All 2 or more.
  public var clusters = [2, 4, 8, 16]
  /// Penalties tried on what tells a cluster's map from ridge's, as multiples of the mean variance
  /// of a stale dimension in the cluster times the number of its rows. All positive.
  public var clusterStrengths: [Double] = [1, 10, 100]
  /// How the residual MLP and the network of the text are fitted.
  public var mlp = MLPOptions()
  /// Shares of exact rows for which a mixture with corrected ones is judged, each in (0, 1).
  public var exactShares = [0.05, 0.1, 0.25]
  /// Everything random follows from it: the split, the MLP, the resamples.
  public var seed: UInt64 = 0

  /// Softmax temperature τ of the KL divergence; logits are `score / τ`. Positive.
  public var temperature = 0.05
  /// Confidence of the intervals, in (0, 1).
  public var confidence = 0.95
  /// Bootstrap resamples per interval; at least 10.
  public var bootstrapSamples = 1000
  /// By how much recall@10 must surely improve (or may surely not differ, to count as equal) for a
  /// less simple corrector to be considered. At least 0.
  public var notWorseMargin = 0.005
  /// By what share of itself the mean KL divergence must surely fall for a less simple corrector to
  /// be taken where recall@10 has not fallen. At least 0.
  public var klMargin = 0.01
  /// By how much the mean cosine must surely improve where recall@10 is equal. At least 0.
  public var cosineMargin = 0.005

  /// The defaults.
  public init() {}

  /// Checks every range.
  func validate() throws(CorrectorError) {
    try require(folds >= 3 && folds <= 20, "folds", folds, "in 3...20")
    try require(
      !ridgeStrengths.isEmpty && ridgeStrengths.allSatisfy { $0 > 0 && $0.isFinite },
      "ridgeStrengths", ridgeStrengths, "positive, and not empty")
    try require(
      !ranks.isEmpty && ranks.allSatisfy { $0 > 0 }, "ranks", ranks, "positive, and not empty")
    try require(
      !clusters.isEmpty && clusters.allSatisfy { $0 > 1 }, "clusters", clusters,
      "2 or more each, and not empty")
    try require(
      !clusterStrengths.isEmpty && clusterStrengths.allSatisfy { $0 > 0 && $0.isFinite },
      "clusterStrengths", clusterStrengths, "positive, and not empty")
    try require(
      exactShares.allSatisfy { $0 > 0 && $0 < 1 }, "exactShares", exactShares, "each in (0, 1)")
    try require(mlp.width > 0, "mlp.width", mlp.width, "positive")
    try require(mlp.textWidth > 0, "mlp.textWidth", mlp.textWidth, "positive")
    try require(mlp.steps > 0, "mlp.steps", mlp.steps, "positive")
    try require(mlp.textSteps > 0, "mlp.textSteps", mlp.textSteps, "positive")
    try require(mlp.batchRows > 0, "mlp.batchRows", mlp.batchRows, "positive")
    try require(mlp.textWidth > 0, "mlp.textWidth", mlp.textWidth, "positive")
    try require(mlp.stepsPerLook > 0, "mlp.stepsPerLook", mlp.stepsPerLook, "positive")
    try require(mlp.patience >= 0, "mlp.patience", mlp.patience, "at least 0")
    try require(
      mlp.learningRate > 0 && mlp.learningRate.isFinite, "mlp.learningRate", mlp.learningRate,
      "positive")
    try validateJudging()
  }

  /// Checks the options that ``judge(corrected:fresh:queries:options:)`` uses.
  func validateJudging() throws(CorrectorError) {
    try require(temperature > 0 && temperature.isFinite, "temperature", temperature, "positive")
    try require(confidence > 0 && confidence < 1, "confidence", confidence, "in (0, 1)")
    try require(bootstrapSamples >= 10, "bootstrapSamples", bootstrapSamples, "at least 10")
    try require(notWorseMargin >= 0, "notWorseMargin", notWorseMargin, "at least 0")
    try require(klMargin >= 0, "klMargin", klMargin, "at least 0")
    try require(cosineMargin >= 0, "cosineMargin", cosineMargin, "at least 0")
  }

  private func require(
    _ holds: Bool, _ name: String, _ value: some Any, _ range: String
  ) throws(CorrectorError) {
    guard holds else {
      throw CorrectorError(.invalidOption, "\(name) must be \(range), not \(value)")
    }
  }
}
