internal import Tensors

/// The networks on top of text-ridge, cross-fitted as that was.
struct TextMLPFits {
  private let pairs: FoldedPairs
  private let systems: TextSystems
  private let options: FitOptions
  /// Stale vectors and scaled features of all pairs, `(n, p)`, less their means, p values: a
  /// network that begins among its inputs learns faster than one that must find them first.
  private let inputs: Matrix
  private let means: [Float]

  init(_ pairs: FoldedPairs, _ systems: TextSystems, options: FitOptions) {
    (self.pairs, self.systems, self.options) = (pairs, systems, options)
    var inputs = systems.scaling.inputs(pairs.pairs)
    means = inputs.columnSums().map { $0 / Float(max(inputs.rows, 1)) }
    inputs.addToRows(means.map { -$0 })
    self.inputs = inputs
  }

  /// Fits a network by Adam from the text-ridge map of the same rows.
  ///
  /// The network learns what is left to do where that map has not seen a row, for so it will be
  /// used: its base of each row is what the map of all other rows makes of it. What the map leaves
  /// of rows it was fitted to is little, and not what it leaves of others.
  ///
  /// - Parameters:
  ///   - start: the map of all pairs but those of `part` (of all, for nil) at `strength`.
  ///   - judge: another part, which stops the network.
  ///   - progress: called with the share of the steps done.
  /// - Throws: `LinearAlgebraError` when the system is singular at this strength.
  func network(
    on start: TextRidgeCorrector, without part: Int?, stoppedBy judge: Int, strength: Double,
    progress: (Double) -> Void
  ) throws(LinearAlgebraError) -> (model: TextMLPCorrector, steps: Int) {
    let seen = pairs.folds.positions(outside: Set([part].compactMap(\.self)))
    let rows = NetworkRows(
      inputs: inputs.gathering(seen),
      base: try baseOfUnseen(seen, start, without: part, strength: strength),
      fresh: pairs.pairs.fresh.gathering(seen))
    let judging = pairs.folds.parts[judge]
    let (stopping, learning) = (
      seen.indices.filter { judging.contains(seen[$0]) },
      seen.indices.filter { !judging.contains(seen[$0]) }
    )
    let silent = MLPParameters.silent(
      inputs: inputs.columns, width: options.mlp.ofText.width, outputs: start.outputDimension,
      seed: options.seed)
    let (parameters, steps) = silent.fitted(
      to: rows.gathering(learning), validation: rows.gathering(stopping),
      normalizes: options.normalizes, options: options.mlp.ofText, seed: options.seed,
      progress: progress)
    return (TextMLPCorrector(start: start, parameters: ofRawInputs(parameters)), steps)
  }

  /// What the maps of all other rows make of each row, before normalising; `(n, d')`.
  func baseOfUnseen(
    _ seen: [Int], _ start: TextRidgeCorrector, without part: Int?, strength: Double
  ) throws(LinearAlgebraError) -> Matrix {
    let known = pairs.pairs.gathering(seen)
    let system = systems[without: part]
    return try system.leavingOutOwn(
      start.beforeNormalizing(known.stale, known.features), inputs: systems.scaling.inputs(known),
      fresh: known.fresh, strength: strength)
  }

  /// The network of raw inputs that does what this one does with scaled ones less their mean:
  /// `b1 − x̄·W1`, and the scales in W1.
  private func ofRawInputs(_ parameters: MLPParameters) -> MLPParameters {
    var result = parameters
    let shift = product(Matrix([means]), parameters.w1)
    result.b1.add(shift, scaledBy: -1)
    let stale = [Float](repeating: 1, count: pairs.pairs.stale.columns)
    let scaling = systems.scaling
    let features = zip(scaling.widths, scaling.factors).flatMap {
      [Float](repeating: $1, count: $0)
    }
    result.w1.scaleRows(by: stale + features)
    return result
  }
}
