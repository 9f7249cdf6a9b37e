import Reports
import Training

extension Experiment {
  /// A8: passages known to answer a query do harm as its negatives.
  static let falseNegatives = Experiment(name: "a8") { plan in
    sizes.flatMap { bank in
      let run = plan.accumulation(bank: bank)
      return [
        plan.cell("masked \(bank)", run),
        plan.cell("unmasked \(bank)", run.with { $0.masksFalseNegatives = false }),
      ]
    }
  } report: { cells, _ in
    var table = MarkdownTable([
      "Bank", "MRR@10 masked", "not masked", "masked − not", "95%", "p",
    ])
    for bank in sizes {
      let (masked, plain) = (cells["masked \(bank)"], cells["unmasked \(bank)"])
      table.add(
        [
          "M = \(bank)", Points.spread(masked.spread(of: "mrr@10")),
          Points.spread(plain.spread(of: "mrr@10")),
        ] + masked.difference(from: plain).cells)
    }
    let chart = Chart.quality(
      "False negatives masked by passage id", over: "examples in the bank",
      sizes.map(String.init),
      series: [
        ("masked", sizes.map { cells["masked \($0)"] }),
        ("not masked", sizes.map { cells["unmasked \($0)"] }),
      ])
    return Section(
      text: "### A8: false negatives masked by passage id\n\n" + table.text,
      charts: [("a8", chart.file())])
  }

  private static let sizes = [128, 1_024, 2_048]
}
