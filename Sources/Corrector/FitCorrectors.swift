public import Tensors

/// Fits every kind of corrector to re-encoded pairs, judges each on pairs none has seen, and
/// chooses the simplest that is not worse.
///
/// Cross-fitting: the pairs are cut by `options.seed` into parts, each part is corrected by maps
/// fitted to the others and judged so, and what goes to use is fitted to all pairs. Kinds are
/// chosen by that; the judgements that are reported are, where a closed form gives them (ridge,
/// text-ridge), of each pair by the map of all others, and else of maps fitted to a little less than
/// the one that is used. A ridge strength, a rank or
/// a number of clusters is chosen by the same rows that judge (one of a dozen or so: no flattery to
/// speak of). The result does not depend on the order of the pairs; the same seed and thread count
/// give the same result.
///
/// - Parameters:
///   - pairs: stale `(n, d)` and fresh `(n, d')` vectors of a random sample of the passages, and
///     features of their texts where correctors of text are wanted.
///   - queries: `(q, d')` by the new encoder, as many and as real as there are; nil lets every
///     held-out fresh vector ask once for its neighbours.
///   - options: see ``FitOptions``.
///   - clock: seconds since any fixed moment, for `fitSeconds`.
///   - progress: called with what is being done and the share of it done, in [0, 1].
/// - Throws: `CorrectorError` for too few pairs, shapes that do not fit, NaN or infinity (naming
///   the row), an option outside its range, or when no kind asked for can be fitted.
/// - Complexity: O(n · d · d') for the closed forms, O(steps · batch · d · width) for the MLP.
public func fitCorrectors(
  _ pairs: CorrectionPairs, queries: Matrix?, options: FitOptions = FitOptions(),
  clock: () -> Double, progress: ((String, Double) -> Void)? = nil
) throws(CorrectorError) -> CorrectorReport {
  try options.validate()
  try requireFittable(pairs)
  if let queries { try requireQueries(queries, dimension: pairs.fresh.columns) }
  let folds = try Folds(pairs, options: options)
  let fitter = Fitter(pairs, folds, options: options, progress: progress ?? { _, _ in })
  let (fitted, skipped) = fitter.fitAll(clock: clock)
  guard !fitted.isEmpty else {
    throw CorrectorError(
      .nothingFitted,
      "no corrector can be fitted: "
        + skipped.map { "\($0.kind.rawValue): \($0.reason)" }.joined(separator: "; "))
  }
  return fitter.report(fitted, skipped: skipped, queries: queries)
}

private func requireFittable(_ pairs: CorrectionPairs) throws(CorrectorError) {
  guard pairs.stale.rows == pairs.fresh.rows else {
    throw CorrectorError(
      .dimensionMismatch,
      "\(pairs.stale.rows) stale vectors but \(pairs.fresh.rows) fresh ones: "
        + "a pair needs both embeddings of one passage")
  }
  guard pairs.stale.columns > 0, pairs.fresh.columns > 0 else {
    throw CorrectorError(
      .dimensionMismatch,
      "vectors of \(pairs.stale.columns) and \(pairs.fresh.columns) dimensions cannot be corrected")
  }
  try requireFinite(pairs.stale, "stale")
  try requireFinite(pairs.fresh, "fresh")
  for features in pairs.features {
    guard features.rows == pairs.stale.rows, features.columns > 0 else {
      throw CorrectorError(
        .dimensionMismatch,
        "a block of text features is \(features.rows)×\(features.columns) for "
          + "\(pairs.stale.rows) passages: a row for each is needed, of one column or more")
    }
    try requireFinite(features, "text feature")
  }
}
