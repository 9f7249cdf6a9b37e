import Foundation
import Reports
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
    let kinds = ["no bank", "both banks", "passage bank alone", "GradCache (128)"]
    var table = MarkdownTable([
      "M = \(size)", "MRR@10", "against both banks", "95%", "p", "GradNormRatio first quarter",
      "last quarter", "largest",
    ])
    for hard in [0, 1] {
      for kind in kinds {
        let cell = cells[name(kind, hard)]
        table.add(
          [name(kind, hard), Points.spread(cell.spread(of: "mrr@10"))]
            + cell.difference(from: cells[name("both banks", hard)]).cells + ratios(cell))
      }
    }
    let chart = Chart(
      title: "Gradient norms: passage tower over query tower, mean of the seeds",
      x: ChartAxis("update"), y: ChartAxis("GradNormRatio", .logarithmic, including: [1]),
      series: kinds.enumerated().map { color, kind in
        ChartSeries(kind, .line, color: color, points: ratioPoints(cells[kind]))
      })
    return Section(
      text: "### A4: without the query bank\n\n" + table.text, charts: [("a4", chart.file())])
  }

  private static let size = ExperimentPlan.bankSize

  private static func name(_ kind: String, _ hard: Int) -> String {
    kind + (hard > 0 ? ", hard negatives" : "")
  }

  /// The geometric mean over the seeds at each sample.
  private static func ratioPoints(_ cell: Cell) -> [ChartPoint] {
    let samples = cell.records.map(\.towerNorms)
    return (samples.first ?? []).indices.map { index in
      ChartPoint(
        Double(samples[0][index].update), geometricMean(samples.map { $0[index].ratio }))
    }
  }

  private static func geometricMean(_ values: [Double]) -> Double {
    exp(values.reduce(0) { $0 + log($1) } / Double(max(values.count, 1)))
  }

  /// Geometric means of the ratio of the tower norms over quarters of the run, and its largest.
  private static func ratios(_ cell: Cell) -> [String] {
    let all = cell.records.map { $0.towerNorms.map(\.ratio) }
    let first = all.flatMap { $0.prefix(($0.count + 3) / 4) }
    let last = all.flatMap { $0.suffix(($0.count + 3) / 4) }
    return [geometricMean(first), geometricMean(last), all.joined().max() ?? 0].map {
      String(format: "%.2f", $0)
    }
  }
}
