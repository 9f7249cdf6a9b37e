internal import Tensors

extension TextRidgeCorrector {
  /// Chooses the strength on validation rows (see ``chooseStrength(from:validation:options:map:)``),
  /// then fits to train and validation rows together.
  ///
  /// Each block of features is scaled to the total variance of the stale vectors before the penalty
  /// sees it, so that neither its unit nor its number of columns decides how much it may say.
  ///
  /// - Returns: the map and its strength, or nil when no strength gives a solvable system.
  static func choosing(
    train: CorrectionPairs, validation: CorrectionPairs, options: FitOptions
  ) -> (corrector: TextRidgeCorrector, strength: Double)? {
    let scaling = FeatureScaling(of: train)
    let system = scaling.system(for: train)
    let strength = chooseStrength(
      from: options.ridgeStrengths, validation: validation, options: options
    ) {
      // Singular in float64 at this strength: a stronger penalty is needed.
      try? fitting(system, scaling, strength: $0, normalizes: options.normalizes)
    }
    let all = CorrectionPairs(
      stale: .concatenatingRows([train.stale, validation.stale]),
      fresh: .concatenatingRows([train.fresh, validation.fresh]),
      features: zip(train.features, validation.features).map { .concatenatingRows([$0, $1]) })
    guard let strength,
      let map = try? fitting(
        scaling.system(for: all), scaling, strength: strength, normalizes: options.normalizes)
    else { return nil }
    return (map, strength)
  }

  /// The map of a system, with the scales of the features moved into its weights.
  static func fitting(
    _ system: some RidgeSystem, _ scaling: FeatureScaling, strength: Double, normalizes: Bool
  ) throws(LinearAlgebraError) -> TextRidgeCorrector {
    let (weight, bias) = try system.solution(strength: strength)
    let e = system.outputs
    let border = system.staleColumns * e
    var featureWeight = weight[border...].map { Float($0) }
    var next = 0
    for (width, factor) in zip(scaling.widths, scaling.factors) {
      for i in next..<next + width * e { featureWeight[i] *= factor }
      next += width * e
    }
    return TextRidgeCorrector(
      weight: Matrix(
        rows: system.staleColumns, columns: e, elements: weight[..<border].map { Float($0) }),
      featureWeight: Matrix(
        rows: scaling.widths.reduce(0, +), columns: e, elements: featureWeight),
      featureWidths: scaling.widths, bias: bias.map { Float($0) }, addsInput: system.addsInput,
      normalizes: normalizes)
  }
}

/// The factor of each block of features that gives it the total variance of the stale vectors.
struct FeatureScaling {
  let widths: [Int]
  let factors: [Float]

  init(of pairs: CorrectionPairs) {
    let target = totalVariance(pairs.stale)
    widths = pairs.features.map(\.columns)
    factors = pairs.features.map { block in
      let variance = totalVariance(block)
      return variance > 0 && target > 0 ? Float((target / variance).squareRoot()) : 1
    }
  }

  /// The ridge system of these pairs, by the smaller of its two forms.
  func system(for pairs: CorrectionPairs) -> any RidgeSystem {
    let inputs = inputs(pairs)
    return inputs.columns > inputs.rows
      ? dual(pairs, inputs) : primal(pairs, inputs)
  }

  func primal(_ pairs: CorrectionPairs, _ inputs: Matrix) -> PrimalRidge {
    var moments = CrossMoments(about: inputs, pairs.fresh)
    moments.add(inputs, pairs.fresh)
    return PrimalRidge(moments, staleColumns: pairs.stale.columns)
  }

  func dual(_ pairs: CorrectionPairs, _ inputs: Matrix) -> DualRidge {
    DualRidge(inputs, staleColumns: pairs.stale.columns, fresh: pairs.fresh)
  }

  /// Stale vectors and scaled features side by side, `(n, d + all widths)`.
  func inputs(_ pairs: CorrectionPairs) -> Matrix {
    var parts = [pairs.stale]
    for (block, factor) in zip(pairs.features, factors) {
      var scaled = block
      scaled.scale(by: factor)
      parts.append(scaled)
    }
    return .concatenatingColumns(parts)
  }
}

/// Sum over columns of the variance over rows; 0 for no rows.
private func totalVariance(_ rows: Matrix) -> Double {
  guard rows.rows > 0 else { return 0 }
  let n = Double(rows.rows)
  let means = rows.columnSums().map { Double($0) / n }
  return max(rows.sumOfSquares() / n - means.reduce(0) { $0 + $1 * $1 }, 0)
}
