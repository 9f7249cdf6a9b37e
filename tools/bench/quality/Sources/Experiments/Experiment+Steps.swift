import Reports
import Training

extension Experiment {
  /// A3: what the bank and the accumulation bring grows and flattens.
  static let steps = Experiment(name: "a3") { plan in
    microBatches.flatMap { micro in
      ExperimentPlan.bankSizes.map { bank in
        plan.cell(name(micro, bank), plan.accumulation(micro: micro, bank: bank))
      }
    }
  } report: { cells, _ in
    var table = MarkdownTable(["MRR@10"] + ExperimentPlan.bankSizes.map { "M = \($0)" })
    for micro in microBatches {
      table.add(
        ["K = \(micro)"]
          + ExperimentPlan.bankSizes.map {
            Points.spread(cells[name(micro, $0)].spread(of: "mrr@10"))
          })
    }
    let chart = Chart.quality(
      "Bank size and accumulation steps", over: "examples in the bank",
      ExperimentPlan.bankSizes.map(String.init),
      series: microBatches.map { micro in
        ("K = \(micro)", ExperimentPlan.bankSizes.map { cells[name(micro, $0)] })
      })
    return Section(
      text: "### A3: bank size and accumulation steps\n\n" + table.text,
      charts: [("a3", chart.file())])
  }

  private static let microBatches = [1, 4, 8, 16]

  private static func name(_ micro: Int, _ bank: Int) -> String { "K \(micro), M \(bank)" }
}
