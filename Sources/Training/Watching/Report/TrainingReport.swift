public import Foundation
import Reports

/// The report of a run: one HTML page without scripts, that needs no network and no other file.
///
/// Its size is bounded whatever the number of steps: the charts' lines are thinned to what a
/// picture of their width can show.
public struct TrainingReport: Sendable {
  /// The report's name in the run's folder.
  public static let name = "report.html"

  let record: RunRecord

  /// Reads a log, that of a run still going on included.
  ///
  /// - Throws: `TrainingError`: `.io` with the path; `.invalidData` with the line.
  public init(reading log: URL) throws(TrainingError) {
    let text = try reportingIO("cannot read \(log.path)") { try Data(contentsOf: log) }
    record = try RunRecord(text, path: log.path)
  }

  /// Writes the page; it is there whole or not at all.
  ///
  /// - Throws: `TrainingError.io` with the path.
  public func write(to file: URL) throws(TrainingError) {
    try reportingIO("cannot write \(file.path)") {
      try Data(html().utf8).write(to: file, options: .atomic)
    }
  }

  /// The page.
  public func html() -> String {
    ReportPage(
      title: record.run.title,
      parts: [header, tiles, figures, evaluations, configuration, messages, footer]
    ).html
  }
}

/// The parts of the page, from top to bottom.
extension TrainingReport {
  private var header: String {
    let values = record.run.configuration
    let facts = [
      values["method"].map(ReportWords.value),
      values["batchSize"].map { "batch \(ReportWords.value($0))" },
      "\(ReportWords.count(record.totalSteps)) steps",
    ].compactMap { $0 }
    return ReportPage.header(record.run.title, status: status, facts: facts)
  }

  /// What became of the run.
  private var status: (isDone: Bool, text: String) {
    let last = record.steps.last?.step ?? 0
    guard let outcome = record.outcome else { return (false, "not ended, at step \(last)") }
    guard outcome.finished else { return (false, "stopped after step \(outcome.steps)") }
    guard outcome.steps < record.totalSteps else { return (true, "finished") }
    return (true, "finished early, after step \(outcome.steps)")
  }

  private var tiles: String { ReportPage.tiles(ReportTiles(record).all) }

  private var figures: String { ReportPage.figures(ReportFigures(record).all) }

  private var evaluations: String {
    guard let last = record.evaluations.last else { return "" }
    let best = record.best ?? last
    let rows = last.metrics.keys.sorted().map { name in
      [
        name, best.metrics[name].map { NumberUnit.short($0, digits: 4) } ?? "–",
        last.metrics[name].map { NumberUnit.short($0, digits: 4) } ?? "–",
      ]
    }
    let heads = ["metric", "best, step \(best.step)", "last, step \(last.step)"]
    return ReportPage.section("Development set", ReportTable(heads: heads, rows: rows).html)
  }

  private var configuration: String {
    let known = TrainingConfiguration.loggedNames(of: TrainingConfiguration(steps: 0))
    let values = record.run.configuration
    let others = values.keys.filter { !known.contains($0) }.sorted()
    let rows = (known.filter { values[$0] != nil } + others).map {
      [ReportWords.words($0), values[$0].map(ReportWords.value) ?? ""]
    }
    let identity = [
      ["encoder", record.run.encoder], ["data", record.run.data],
      ["pairs", ReportWords.count(record.run.pairs)],
    ]
    return ReportPage.section("Configuration", ReportTable(rows: rows, isWide: true).html)
      + ReportPage.section("Began with", ReportTable(rows: identity).html)
  }

  /// Warnings and restarts, the first ones of many.
  private var messages: String {
    let shown = 50
    let all = (record.warnings + record.sessions).sorted { $0.step < $1.step }
    guard !all.isEmpty else { return "" }
    var items = all.prefix(shown).map {
      Markup.element("li", text: "Step \($0.step): \($0.message)")
    }
    if all.count > shown {
      items.append(Markup.element("li", text: "… and \(all.count - shown) more in the log"))
    }
    return ReportPage.section(
      "Messages", Markup.element("ul", contents: items.joined(separator: "\n")))
  }

  private var footer: String {
    let sessions = record.sessions.count
    var text = "Drawn by Freshet from \(TrainingLog.name)"
    if let first = record.steps.first?.clock, let last = record.lastClock {
      text += "; first step \(ReportWords.date(first.time)), last \(ReportWords.date(last.time))"
    }
    if sessions > 0 { text += "; dashed vertical lines are restarts" }
    return Markup.element("footer", text: text + ".")
  }
}
