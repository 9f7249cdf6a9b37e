import Reports
import Training

extension Experiment {
  /// G4: more in-batch negatives help at equal data.
  static let batches = Experiment(name: "g4") { plan in
    [
      plan.cell("Sequential (8), rate of GradAccum", plan.accumulation(micro: 1)),
      plan.cell("Sequential (8), own rate", plan.sequential),
      plan.cell(accumulation, plan.accumulation()),
      plan.cell(cache, plan.gradCache(128)),
      plan.cell("GradCache (512)", plan.gradCache(512)),
    ]
  } report: { cells, _ in
    var table = MarkdownTable([
      "Method", "MRR@10", "R@1", "R@5", "R@20", "R@100", "against GradAccum", "95%", "p",
      "against GradCache (128)", "95%", "p",
    ])
    for name in names {
      let cell = cells[name]
      table.add(
        [name, Points.spread(cell.spread(of: "mrr@10"))]
          + [1, 5, 20, 100].map { Points.text(cell.spread(of: "recall@\($0)").mean) }
          + cell.difference(from: cells[accumulation]).cells
          + cell.difference(from: cells[cache]).cells)
    }
    let chart = Chart.quality(
      "In-batch negatives at equal data", over: "", names, series: [("", names.map { cells[$0] })])
    return Section(
      text: "### G4: in-batch negatives at equal data\n\n" + table.text,
      charts: [("g4", chart.file())])
  }

  private static let accumulation = "GradAccum (8 × 16)", cache = "GradCache (128)"
  private static let names = [
    "Sequential (8), rate of GradAccum", "Sequential (8), own rate", accumulation, cache,
    "GradCache (512)",
  ]
}
