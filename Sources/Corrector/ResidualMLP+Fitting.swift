internal import Tensors

extension ResidualMLP {
  /// A drift loss below this is rounding: there is nothing to learn.
  public static let roundingLoss = 1e-12

  /// Fits from the identity, which stays when nothing better is found
  /// (``MLPParameters/fitted(to:validation:normalizes:options:seed:progress:)``).
  ///
  /// - Returns: the best model, and the number of steps taken.
  /// - Parameters:
  ///   - train: pairs to learn from; not empty, equal dimensions.
  ///   - validation: pairs to stop by; empty means to run all steps and keep the last.
  ///   - progress: called with the share of the steps done.
  static func fitting(
    _ train: CorrectionPairs, validation: CorrectionPairs, normalizes: Bool, options: MLPOptions,
    seed: UInt64, progress: (Double) -> Void
  ) -> (model: ResidualMLP, steps: Int) {
    let start = ResidualMLP(
      identityOf: train.stale.columns, width: options.width, normalizes: normalizes, seed: seed)
    let (parameters, steps) = start.parameters.fitted(
      to: train.residualRows, validation: validation.residualRows, normalizes: normalizes,
      options: options, seed: seed, progress: progress)
    return (ResidualMLP(parameters: parameters, normalizes: normalizes), steps)
  }
}

extension CorrectionPairs {
  /// The rows of a network that is added to the stale vector it reads.
  fileprivate var residualRows: NetworkRows {
    NetworkRows(inputs: stale, base: stale, fresh: fresh)
  }
}
