internal import Corrector
internal import Foundation
internal import Store
internal import Tensors

extension PassageCollection {
  /// Writes the report of a plan, if one is asked for; nothing has been changed yet.
  ///
  /// - Returns: the page, to be written again when the plan is carried out.
  func report(
    _ plan: RefreshPlan, _ fitted: FittedRefresh, _ options: RefreshOptions
  ) throws -> RefreshPage? {
    guard let file = options.report else { return nil }
    let page = RefreshPage(findings: try findings(plan, fitted, options), file: file)
    try page.write()
    return page
  }

  private func findings(
    _ plan: RefreshPlan, _ fitted: FittedRefresh, _ options: RefreshOptions
  ) throws -> RefreshFindings {
    let report = fitted.report
    let rows = fitted.correctable
    let some = RefreshFindings.spread(RefreshFindings.mostPredicted, of: rows.count)
    let (examples, names) = try examples(fitted, options)
    let heldOut = fitted.pairs.gathering(report.heldOutRows)
    return RefreshFindings(
      title: "Refresh of \(folder.lastPathComponent)",
      facts: [
        "\(rows.count) passages", "sample of \(plan.sample)",
        "encoder \(fitted.source.record.encoder.prefix(12)) → "
          + fitted.encoder.fingerprint.prefix(12),
      ],
      things: "passages",
      ways: plan.ways.map {
        .init(name: $0.way, quality: $0.quality, seconds: $0.seconds, encodes: $0.encodes)
      },
      chosen: plan.chosen, advice: plan.advice, candidates: plan.candidates, skipped: plan.skipped,
      recovery: plan.recovery, calibration: report.errorModel.calibration,
      points: report.errorModel.calibrationPoints,
      staleDrifts: heldOut.stale.columns == heldOut.fresh.columns
        ? drifts(of: heldOut.stale, from: heldOut.fresh) : nil,
      correctedDrifts: drifts(of: report.heldOut, from: heldOut.fresh),
      predictedErrors: try corrected(some.map { rows[$0] }, fitted).errors, total: rows.count,
      examples: examples, names: names, configuration: configuration(plan, fitted, options))
  }

  private func configuration(
    _ plan: RefreshPlan, _ fitted: FittedRefresh, _ options: RefreshOptions
  ) -> [[String]] {
    let fit = options.fit
    return [
      ["old encoder", fitted.source.record.encoder], ["new encoder", fitted.encoder.fingerprint],
      ["corrected generation", "\(plan.source)" + (plan.correctsCorrected ? ", corrected" : "")],
      ["sample", "\(plan.sample) passages, \(options.sampling.rawValue)"],
      ["widest interval", options.intervalWidth.map { "\($0)" } ?? "any"],
      ["judged by cross-fitting", "\(fitted.report.heldOutRows.count) passages"],
      ["judged queries", options.judged.map { "\($0.queries.count)" } ?? "none"],
      ["seed", "\(options.seed)"], ["temperature", "\(fit.temperature)"],
      ["confidence of intervals", "\(fit.confidence)"], ["resamples", "\(fit.bootstrapSamples)"],
      ["index", options.index ?? "as before"],
      ["least recovery", options.minimumRecovery.map { "\($0)" } ?? "none"],
      ["made at", now().ISO8601Format()],
    ]
  }

  /// Neighbours of some judged queries, or of held-out passages where there are none, among the
  /// held-out passages.
  private func examples(
    _ fitted: FittedRefresh, _ options: RefreshOptions
  ) throws -> (examples: [NeighbourExample], names: [Int: String]) {
    let heldOut = fitted.report.heldOutRows
    let pairs = fitted.pairs.gathering(heldOut)
    let corrected = fitted.report.heldOut
    func examples(_ texts: [String], _ queries: Matrix, own: [Int?]) -> [NeighbourExample] {
      NeighbourExample.examples(
        texts, queries: queries, own: own, stale: pairs.stale, corrected: corrected,
        fresh: pairs.fresh)
    }
    let found: [NeighbourExample]
    if let judged = options.judged, !judged.queries.isEmpty {
      let queries = RefreshFindings.spread(NeighbourExample.queries, of: judged.queries.count)
        .map { judged.queries[$0] }
      found = examples(
        queries.map { "\($0.id) · \(ReportedText.short($0.text))" },
        queryEmbeddings(queries, fitted.encoder, nil), own: queries.map { _ in nil })
    } else {
      let own = RefreshFindings.spread(NeighbourExample.queries, of: heldOut.count)
      let texts = try names(of: own, heldOut, fitted)
      found = examples(own.map { texts[$0] ?? "" }, pairs.fresh.gathering(own), own: own)
    }
    let shown = Set(found.flatMap(\.places)).sorted()
    return (found, try names(of: shown, heldOut, fitted))
  }

  /// Ids and the beginnings of titles or texts, by place among the held-out passages.
  private func names(
    of places: [Int], _ heldOut: [Int], _ fitted: FittedRefresh
  ) throws -> [Int: String] {
    let passages = try store.passages(rows: places.map { fitted.sampled[heldOut[$0]] })
    let names = passages.map { passage in
      let text = passage.title.isEmpty ? passage.text : passage.title
      return "\(ReportedText.short(passage.id)) · \(ReportedText.short(text))"
    }
    return Dictionary(uniqueKeysWithValues: zip(places, names))
  }
}
