import Foundation
import Freshet

/// A mining report in words.
enum MiningText {
  static func words(_ report: MiningReport, file: String, wanted: Int) -> String {
    var lines = [
      "\(report.negatives) negatives for \(report.queries) queries written to \(file); "
        + "\(report.queriesShort) queries have fewer than \(wanted)"
    ]
    if report.queriesDropped > 0 {
      lines.append("\(report.queriesDropped) queries with too few were left out")
    }
    if report.queriesWithoutPositives > 0 {
      lines.append("\(report.queriesWithoutPositives) queries without a positive got none")
    }
    if let ground = report.ground { lines.append("mined in \(ground)") }
    if report.sources.count > 1 {
      lines.append(
        "from: "
          + CandidateSource.allCases.compactMap { source in
            report.sources[source].map { "\(source.rawValue) \($0)" }
          }.joined(separator: ", "))
    }
    lines += removed(report) + scores(report)
    lines.append("estimated false negatives (they hold an answer): " + falseNegatives(report))
    lines += report.examples.flatMap(example)
    lines.append(cost(report))
    return lines.joined(separator: "\n")
  }

  private static func removed(_ report: MiningReport) -> [String] {
    RemovalRule.allCases.compactMap { rule in
      guard let removed = report.removed[rule], removed > 0 else { return nil }
      return String(
        format: "  %5.2f%% of candidates dropped: ", 100 * report.share(removedBy: rule))
        + rule.rawValue
    }
  }

  private static func falseNegatives(_ report: MiningReport) -> String {
    guard let answers = report.answers, let rate = report.falseNegativeRate else {
      return "n/a (give --answers)"
    }
    return String(format: "%.2f%% of those kept; ", 100 * rate)
      + "\(answers.matched) of \(answers.checked) asked hold one"
  }

  private static func scores(_ report: MiningReport) -> [String] {
    let lists = [("positives", report.positiveScores), ("negatives", report.negativeScores)]
    let known = lists.compactMap { name, scores in scores.map { (name, $0) } }
    guard !known.isEmpty else { return [] }
    let header = ["scores", "count", "mean", "least", "5%", "25%", "50%", "75%", "95%", "most"]
    let rows = known.map { name, scores in
      [name, "\(scores.count)"]
        + [
          scores.mean, scores.minimum, scores.lowest5, scores.lowerQuartile, scores.median,
          scores.upperQuartile, scores.highest5, scores.maximum,
        ].map { String(format: "%.3f", $0) }
    }
    return [table([header] + rows)] + known.map { histogram($0, $1) }
  }

  /// Ten columns of up to eight eighths.
  private static func histogram(_ name: String, _ scores: ScoreDistribution) -> String {
    let most = max(scores.histogram.max() ?? 1, 1)
    let bars = scores.histogram.map { count -> Character in
      count == 0 ? "·" : Array("▁▂▃▄▅▆▇█")[min(count * 8 / most, 7)]
    }
    return "  \(name) "
      + String(format: "%.3f", scores.minimum) + " " + String(bars) + " "
      + String(format: "%.3f", scores.maximum)
  }

  private static func example(_ example: MiningExample) -> [String] {
    func line(_ mark: String, _ passage: MiningExample.Passage) -> String {
      let why = passage.rule.map { " (\($0.rawValue))" } ?? ""
      let rank = passage.rank.map { $0 < 0 ? " random" : " rank \($0)" } ?? ""
      let text = (passage.text ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
      return "  \(mark) " + String(format: "%.3f", passage.score) + rank + why
        + " \(passage.id ?? ""): \(text.prefix(90))"
    }
    return ["query \(example.query): \(example.text ?? "")"]
      + example.positives.prefix(2).map { line("+", $0) } + example.kept.map { line("-", $0) }
      + example.removed.prefix(4).map { line("x", $0) }
  }

  private static func cost(_ report: MiningReport) -> String {
    String(
      format: "%d records in %.1f s, at most %.0f MiB of memory", report.written ?? 0,
      report.seconds ?? 0, Double(report.peakBytes ?? 0) / 1_048_576)
  }
}
