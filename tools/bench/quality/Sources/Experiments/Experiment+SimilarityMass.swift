import Foundation
import Reports
import Training

extension Experiment {
  /// A6: softmax mass does not fall with the age of a passage.
  static let similarityMass = Experiment(name: "a6") { plan in
    ExperimentPlan.bankSizes.dropFirst().map {
      plan.cell("M = \($0)", plan.accumulation(bank: $0))
    }
  } report: { cells, plan in
    var table = MarkdownTable(
      ["Bank, epoch"] + lags.map { "lag \($0)" } + ["lag 6 / lag 1"])
    for bank in ExperimentPlan.bankSizes.dropFirst() {
      for epoch in epochs(plan.base.epochs) {
        let mass = means(cells["M = \(bank)"], epoch: epoch)
        table.add(
          ["M = \(bank), epoch \(epoch)"] + mass.map { String(format: "%.3f", $0 * 1_000) }
            + [String(format: "%.3f", (mass.last ?? 0) / (mass.first ?? 1))])
      }
    }
    let chart = Chart(
      title: "Similarity mass by lag, last epoch", x: ChartAxis("lag, in losses"),
      y: ChartAxis("thousandths of a query's softmax", including: [0]),
      series: ExperimentPlan.bankSizes.dropFirst().enumerated().map { color, bank in
        let mass = means(cells["M = \(bank)"], epoch: plan.base.epochs)
        return ChartSeries(
          "M = \(bank)", .linePoints, color: color,
          points: zip(lags, mass).map { ChartPoint(Double($0), $1 * 1_000) })
      })
    return Section(
      text: "### A6: similarity mass by lag, in thousandths of a query's softmax\n\n" + table.text,
      charts: [("a6", chart.file())])
  }

  private static let lags = 1...6

  /// The first, the middle and the last.
  private static func epochs(_ count: Int) -> [Int] {
    Set([1, (count + 1) / 2, count]).sorted()
  }

  /// The mass of each lag, mean over seeds.
  private static func means(_ cell: Cell, epoch: Int) -> [Double] {
    lags.map { lag in
      let found = cell.records.compactMap { record in
        record.massByAge.first { $0.epoch == epoch }.flatMap {
          lag <= $0.mass.count ? $0.mass[lag - 1] : nil
        }
      }
      return found.reduce(0, +) / Double(max(found.count, 1))
    }
  }
}
