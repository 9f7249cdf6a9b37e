internal import Tensors

/// The ridge systems of stale vectors and features of the text: of all pairs, and of all but each
/// part.
///
/// Each block of features is scaled to the total variance of the stale vectors before the penalty
/// sees it, so that neither its unit nor its number of columns decides how much it may say.
struct TextSystems {
  let scaling: FeatureScaling
  private let all: any RidgeSystem
  private let without: [any RidgeSystem]

  init(_ pairs: FoldedPairs) {
    let scaling = FeatureScaling(of: pairs.pairs)
    self.scaling = scaling
    all = scaling.system(for: pairs.pairs)
    without = pairs.folds.parts.indices.map { scaling.system(for: pairs.outside([$0])) }
  }

  /// The system of all pairs but those of a part; of all, for nil.
  subscript(without part: Int?) -> any RidgeSystem { part.map { without[$0] } ?? all }
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
