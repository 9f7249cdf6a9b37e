internal import Corrector
internal import Foundation
internal import Reports
internal import Store

/// The report of a refresh: one HTML page without scripts that needs no network.
struct RefreshPage {
  let findings: RefreshFindings
  let file: URL

  /// Writes the page, whole or not at all.
  ///
  /// - Parameter outcome: what became of the plan, or nil while nothing has been changed.
  func write(outcome: String? = nil) throws {
    try DurableFile.write(Data(html(outcome: outcome).utf8), to: file)
  }

  func html(outcome: String?) -> String {
    ReportPage(
      title: findings.title,
      parts: [
        ReportPage.header(
          findings.title, status: (outcome != nil, outcome ?? "planned, nothing is changed"),
          facts: findings.facts),
        advice, ReportPage.tiles(tiles), ways,
        ReportPage.figures(RefreshFigures(findings: findings).all), correctors, neighbours,
        ReportPage.section(
          "Configuration", ReportTable(rows: findings.configuration, isWide: true).html),
        Markup.element("footer", text: "Drawn by Freshet."),
      ]
    ).html
  }
}

/// The parts of the page.
extension RefreshPage {
  private var advice: String {
    guard let advice = findings.advice else { return "" }
    return ReportPage.section(
      "Advised: \(advice.way)", Markup.element("p", text: RefreshWords.sentence(advice.reason)))
  }

  private var tiles: [ReportTile] {
    let way = findings.ways.first { $0.name == findings.chosen }
    let all = findings.ways.last
    let calibration = findings.calibration
    func short(_ value: Double) -> String { NumberUnit.short(value, digits: 3) }
    return [
      ReportTile(
        name: "The way taken", value: findings.chosen,
        note: findings.candidates.first(where: \.isChosen)?.kind.rawValue ?? ""),
      ReportTile(
        name: "Recovery", value: short(100 * findings.recovery) + "%",
        note: findings.ways.contains { $0.name == "keep" }
          ? "of the neighbours that keeping would lose"
          : "of all neighbours: nothing can be kept"),
      ReportTile(
        name: "True neighbours found",
        value: (way?.quality["neighbours@10"]).map { short(100 * $0[1]) + "%" } ?? "–",
        note: "of the ten nearest by the new encoder"),
      ReportTile(
        name: "Time", value: RefreshWords.seconds(way?.seconds),
        note: "re-encoding all: \(RefreshWords.seconds(all?.seconds))"),
      ReportTile(
        name: "Texts to encode", value: ReportWords.count(way?.encodes ?? 0),
        note: "re-encoding all: \(ReportWords.count(all?.encodes ?? 0))"),
      ReportTile(
        name: "Predicted error", value: short(calibration.meanPredicted),
        note: "true \(short(calibration.meanActual)), on held-out rows"),
    ]
  }

  private var ways: String {
    let metrics = RefreshWords.metrics(of: findings.ways)
    let rows = findings.ways.map { way in
      [way.name == findings.chosen ? "→ \(way.name)" : way.name]
        + metrics.map { way.quality[$0].map(RefreshWords.interval) ?? "–" }
        + [RefreshWords.seconds(way.seconds), ReportWords.count(way.encodes)]
    }
    return ReportPage.section(
      "Ways to the new encoder",
      note: "predicted quality with 95% intervals; time and texts from here on",
      ReportTable(
        heads: ["way"] + metrics + ["time", "texts to encode"], rows: rows,
        marked: findings.ways.firstIndex { $0.name == findings.chosen }
      ).html)
  }

  private var correctors: String {
    func words(_ interval: Interval) -> String {
      RefreshWords.interval([interval.low, interval.estimate, interval.high])
    }
    var rows = findings.candidates.map { candidate in
      [
        (candidate.isChosen ? "→ " : "") + candidate.kind.rawValue,
        words(candidate.judgement.recallAt10), words(candidate.judgement.cosine),
        words(candidate.judgement.kl), RefreshWords.seconds(candidate.fitSeconds),
        RefreshWords.seconds(candidate.applySeconds), candidate.note,
      ]
    }
    rows += findings.skipped.map { [$0.kind.rawValue, "–", "–", "–", "–", "–", $0.reason] }
    return ReportPage.section(
      "Correctors",
      note: "judged on rows they have not seen; the simplest that is not worse is used",
      ReportTable(
        heads: ["corrector", "neighbours@10", "cosine", "KL", "fitted in", "corrects all in", ""],
        rows: rows, marked: findings.candidates.firstIndex(where: \.isChosen)
      ).html)
  }

  private var neighbours: String {
    guard !findings.examples.isEmpty else { return "" }
    return ReportPage.section(
      "Neighbours before and after",
      note: "of queries by the new encoder, among the held-out \(findings.things), whose true "
        + "vectors are known; ✓ marks true neighbours, scores are in brackets",
      findings.examples.map { $0.table(findings.names) }.joined(separator: "\n"))
  }
}

/// How the report writes figures.
enum RefreshWords {
  /// 0.912 [0.9, 0.924], not to be broken into lines.
  static func interval(_ values: [Double]) -> String {
    func short(_ value: Double) -> String { NumberUnit.short(value, digits: 3) }
    guard values[0] != values[2] else { return short(values[1]) }
    return "\(short(values[1]))\u{A0}[\(short(values[0])),\u{A0}\(short(values[2]))]"
  }

  /// With a capital letter and a full stop.
  static func sentence(_ words: String) -> String {
    words.prefix(1).uppercased() + words.dropFirst() + "."
  }

  static func seconds(_ seconds: Double?) -> String { seconds.map(ReportWords.duration) ?? "–" }

  /// The metrics that some way has: those on held-out rows first.
  static func metrics(of ways: [RefreshFindings.Way]) -> [String] {
    let first = ["neighbours@10", "cosine", "kl"]
    let all = Set(ways.flatMap(\.quality.keys))
    return first.filter(all.contains) + all.subtracting(first).sorted()
  }
}
