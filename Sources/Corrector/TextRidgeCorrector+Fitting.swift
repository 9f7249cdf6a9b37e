internal import Tensors

extension TextRidgeCorrector {
  /// The maps of all pairs and of all but each part.
  static func search(
    _ pairs: FoldedPairs, _ systems: TextSystems, options: FitOptions
  ) -> RidgeSearch {
    RidgeSearch(pairs: pairs, options: options) { part, strength in
      let system: any RidgeSystem = systems[without: part]
      return try? fitting(
        system, systems.scaling, strength: strength, normalizes: options.normalizes)
    }
  }

  /// What the maps of all other pairs make of each, `(n, d')`; self is the map of all.
  func leavingOutOwn(
    _ pairs: FoldedPairs, _ systems: TextSystems, strength: Double
  ) throws(LinearAlgebraError) -> Matrix {
    let known = pairs.pairs
    var result = try systems[without: nil].leavingOutOwn(
      beforeNormalizing(known.stale, known.features), inputs: systems.scaling.inputs(known),
      fresh: known.fresh, strength: strength)
    if normalizes { result.normalizeRows() }
    return result
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
