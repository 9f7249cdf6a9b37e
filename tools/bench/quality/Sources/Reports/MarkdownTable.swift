import Foundation

/// A table in Markdown: the first column is text, the others are numbers.
struct MarkdownTable {
  let header: [String]
  private(set) var rows: [[String]] = []

  init(_ header: [String]) { self.header = header }

  mutating func add(_ cells: [String]) { rows.append(cells) }

  var text: String {
    let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
    return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }
}

/// Figures as tables show them: MRR and recall times 100, as points.
enum Points {
  static func text(_ value: Double) -> String { String(format: "%.2f", value * 100) }

  static func signed(_ value: Double) -> String { String(format: "%+.2f", value * 100) }

  static func spread(_ values: (mean: Double, deviation: Double)) -> String {
    text(values.mean) + " ± " + text(values.deviation)
  }

  static func pValue(_ value: Double) -> String {
    value < 0.001 ? "< 0.001" : String(format: "%.3f", value)
  }
}

extension CellDifference {
  /// Difference, interval and p, as three cells; empty for a cell beside itself.
  var cells: [String] {
    if isNothing { return ["", "", ""] }
    return [
      Points.signed(mean), "\(Points.signed(low)) to \(Points.signed(high))",
      Points.pValue(pValue),
    ]
  }
}
