internal import Corrector
public import Foundation
internal import Tensors

/// Says what correcting stale vectors would bring, and writes nothing but the report, if one is
/// asked for. Parameters and errors as in
/// ``refreshVectors(_:sample:to:errorsTo:options:now:progress:shouldStop:)``.
public func planVectorRefresh(
  _ stale: VectorFile, sample: VectorSample,
  options: VectorRefreshOptions = VectorRefreshOptions(),
  now: @Sendable () -> Date = { Date() }, progress: ProgressHandler? = nil
) throws -> VectorRefreshPlan {
  let fitted = try FittedVectors(stale, sample, options, now: now, progress: progress)
  let plan = try fitted.plan(now: now)
  _ = try fitted.report(plan, options, now: now)
  return plan
}

/// Moves stored vectors of any origin into the space of a new encoder, which may have another
/// dimension, by a corrector fitted to a sample of texts that were encoded anew.
///
/// Every vector is corrected, those of the sample as well: exact vectors among corrected ones score
/// a little higher against every query and push in front. Vectors are read and written in blocks,
/// so memory holds the sample, the correctors and a block; files appear under their names when they
/// are whole.
///
/// - Parameters:
///   - stale: the stored vectors, `(n, d)`.
///   - sample: which of them were encoded anew, and as what, `(m, d')`.
///   - file: the file to write, float32 `(n, d')`, `.npy` or `.fvecs`; may be that of `stale`.
///   - errors: such a file for the predicted `1 − cos(corrected, fresh)` of each row, float32
///     `(n)`; nil writes none.
///   - now: the clock.
///   - shouldStop: asked between blocks; when it says so, nothing is written.
/// - Throws: `CorrectorError` when no corrector can be fitted (too small a sample, for one);
///   `FreshetError`: `badInput` naming file and row of NaN, `refused` when the predicted recovery
///   is below `options.minimumRecovery`, `interrupted`.
/// - Complexity: O(n · d · d') and what fitting costs.
@discardableResult
public func refreshVectors(
  _ stale: VectorFile, sample: VectorSample, to file: String, errorsTo errors: String? = nil,
  options: VectorRefreshOptions = VectorRefreshOptions(), now: @Sendable () -> Date = { Date() },
  progress: ProgressHandler? = nil, shouldStop: StopCheck = { false }
) throws -> VectorRefreshSummary {
  let fitted = try FittedVectors(stale, sample, options, now: now, progress: progress)
  let plan = try fitted.plan(now: now)
  let page = try fitted.report(plan, options, now: now)
  if let least = options.minimumRecovery, plan.recovery < least {
    throw FreshetError(
      .refused,
      String(
        format: "the predicted recovery is %.3f, below the %.3f asked for: nothing was written. "
          + "Encode every text anew, or accept less", plan.recovery, least))
  }
  let start = now()
  try fitted.write(to: file, errorsTo: errors, progress: progress, shouldStop: shouldStop)
  try page?.write(outcome: "\(stale.rows) vectors are written")
  return VectorRefreshSummary(
    plan: plan, rows: stale.rows, seconds: now().timeIntervalSince(start))
}

extension FittedVectors {
  /// Corrects everything, block after block.
  fileprivate func write(
    to file: String, errorsTo errors: String?, progress: ProgressHandler?, shouldStop: StopCheck
  ) throws {
    let corrector = report.corrector
    var vectors = try VectorWriter(
      path: file, rows: stale.rows, columns: corrector.outputDimension)
    var predictions = try errors.map { try VectorWriter(path: $0, rows: stale.rows) }
    progress?(WorkProgress(.writing, done: 0, total: stale.rows))
    for start in Swift.stride(from: 0, to: stale.rows, by: stale.rowsPerBlock) {
      if shouldStop() {
        throw FreshetError(.interrupted, "stopped: nothing was written to \(file)")
      }
      let rows = start..<min(start + stale.rowsPerBlock, stale.rows)
      let block = try stale.block(rows)
      let corrected = corrector.apply(block)
      try vectors.append(corrected.elements)
      try predictions?.append(report.predictedErrors(stale: block, corrected: corrected))
      progress?(WorkProgress(.writing, done: rows.upperBound, total: stale.rows))
    }
    // The vectors last: whoever sees them sees their errors, too.
    try predictions?.finish()
    try vectors.finish()
  }
}
