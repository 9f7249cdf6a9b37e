internal import Tensors

extension TextRidgeCorrector {
  /// The maps of all pairs and of all but each part.
  ///
  /// Each block of features is scaled to the total variance of the stale vectors before the penalty
  /// sees it, so that neither its unit nor its number of columns decides how much it may say.
  static func search(_ pairs: FoldedPairs, options: FitOptions) -> RidgeSearch {
    let scaling = FeatureScaling(of: pairs.pairs)
    let all = scaling.system(for: pairs.pairs)
    let without = pairs.folds.parts.indices.map { scaling.system(for: pairs.outside([$0])) }
    return RidgeSearch(pairs: pairs, options: options) { part, strength in
      let system: any RidgeSystem = part.map { without[$0] } ?? all
      return try? fitting(
        system, scaling, strength: strength, normalizes: options.normalizes)
    }
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
