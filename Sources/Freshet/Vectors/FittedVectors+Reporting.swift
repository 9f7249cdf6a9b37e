internal import Corrector
internal import Foundation
internal import Tensors

extension FittedVectors {
  /// Writes the report of a plan, if one is asked for; nothing has been written yet.
  ///
  /// - Returns: the page, to be written again when the plan is carried out.
  func report(
    _ plan: VectorRefreshPlan, _ options: VectorRefreshOptions, now: () -> Date
  ) throws -> RefreshPage? {
    guard let file = options.report else { return nil }
    let page = RefreshPage(findings: try findings(plan, now: now()), file: file)
    try page.write()
    return page
  }

  private func findings(_ plan: VectorRefreshPlan, now: Date) throws -> RefreshFindings {
    let some = RefreshFindings.spread(RefreshFindings.mostPredicted, of: stale.rows)
    let vectors = try stale.gathering(some)
    let heldOut = pairs.gathering(report.heldOutRows)
    let name = URL(fileURLWithPath: stale.path).lastPathComponent
    return RefreshFindings(
      title: "Refresh of \(name)",
      facts: [
        "\(plan.rows) vectors", "sample of \(plan.sample)",
        "\(plan.staleDimension) → \(plan.freshDimension) dimensions",
      ],
      things: "vectors",
      ways: plan.ways.map {
        .init(name: $0.way, quality: $0.quality, seconds: $0.seconds, encodes: $0.encodes)
      },
      chosen: plan.chosen, candidates: plan.candidates, skipped: plan.skipped,
      recovery: plan.recovery, calibration: report.errorModel.calibration,
      points: report.errorModel.calibrationPoints,
      staleDrifts: heldOut.stale.columns == heldOut.fresh.columns
        ? drifts(of: heldOut.stale, from: heldOut.fresh) : nil,
      correctedDrifts: drifts(of: report.heldOut, from: heldOut.fresh),
      predictedErrors: report.predictedErrors(
        stale: vectors, corrected: report.corrector.apply(vectors)),
      total: stale.rows, examples: examples, names: names,
      configuration: [
        ["stale vectors", stale.path], ["sample", "\(plan.sample) vectors"],
        ["judged by cross-fitting", "\(report.heldOutRows.count) vectors"],
        ["scaled to norm 1", plan.normalizes ? "yes" : "no"], ["seed", "\(options.seed)"],
        ["temperature", "\(options.temperature)"],
        ["confidence of intervals", "\(options.confidence)"],
        ["resamples", "\(options.bootstrapSamples)"], ["made at", now.ISO8601Format()],
      ])
  }

  /// Neighbours of some held-out vectors among the held-out ones.
  private var examples: [NeighbourExample] {
    let pairs = pairs.gathering(report.heldOutRows)
    let own = RefreshFindings.spread(NeighbourExample.queries, of: report.heldOutRows.count)
    return NeighbourExample.examples(
      own.map { names[$0] ?? "" }, queries: pairs.fresh.gathering(own), own: own,
      stale: pairs.stale, corrected: report.heldOut, fresh: pairs.fresh)
  }

  /// The held-out vectors, by place among them.
  private var names: [Int: String] {
    Dictionary(
      uniqueKeysWithValues: report.heldOutRows.enumerated().map {
        ($0, "row \(sample.rows[$1])")
      })
  }
}
