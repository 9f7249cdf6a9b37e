import Foundation
import Training

extension Experiment {
  /// A4: the query bank keeps the towers' gradients in balance.
  static let queryBank = Experiment(name: "a4") { plan in
    [0, 1].flatMap { hard in
      [
        plan.cell(name("no bank", hard), plan.accumulation(hard: hard)),
        plan.cell(name("both banks", hard), plan.accumulation(bank: size, hard: hard)),
        plan.cell(
          name("passage bank alone", hard),
          plan.accumulation(bank: size, hard: hard).with { $0.bankSides = .passages }),
        plan.cell(name("GradCache (128)", hard), plan.gradCache(128, hard: hard)),
      ]
    }
  } report: { cells, _ in
    var table = MarkdownTable([
      "M = \(size)", "MRR@10", "against both banks", "95%", "p", "GradNormRatio first quarter",
      "last quarter", "largest",
    ])
    for hard in [0, 1] {
      for kind in ["no bank", "both banks", "passage bank alone", "GradCache (128)"] {
        let cell = cells[name(kind, hard)]
        table.add(
          [name(kind, hard), Points.spread(cell.spread(of: "mrr@10"))]
            + cell.difference(from: cells[name("both banks", hard)]).cells + ratios(cell))
      }
    }
    return Section(text: "### A4: without the query bank\n\n" + table.text)
  }

  private static let size = ExperimentPlan.bankSize

  private static func name(_ kind: String, _ hard: Int) -> String {
    kind + (hard > 0 ? ", hard negatives" : "")
  }

  /// Geometric means of the ratio of the tower norms over quarters of the run, and its largest.
  private static func ratios(_ cell: Cell) -> [String] {
    let all = cell.records.map { $0.towerNorms.map(\.ratio) }
    func mean(_ values: [Double]) -> Double {
      exp(values.reduce(0) { $0 + log($1) } / Double(max(values.count, 1)))
    }
    let first = all.flatMap { $0.prefix(($0.count + 3) / 4) }
    let last = all.flatMap { $0.suffix(($0.count + 3) / 4) }
    return [mean(first), mean(last), all.joined().max() ?? 0].map { String(format: "%.2f", $0) }
  }
}
