extension Experiment {
  /// G4: more in-batch negatives help at equal data.
  static let batches = Experiment(name: "g4") { plan in
    [
      plan.cell("Sequential (8)", plan.sequential),
      plan.cell("GradAccum (8 × 16)", plan.accumulation()),
      plan.cell("GradCache (128)", plan.gradCache(128)),
      plan.cell("GradCache (512)", plan.gradCache(512)),
    ]
  } report: { cells, _ in
    let names = [
      "Sequential (8)", "GradAccum (8 × 16)", "GradCache (128)", "GradCache (512)",
    ]
    var table = MarkdownTable([
      "Method", "MRR@10", "R@1", "R@5", "R@20", "R@100", "against the row above", "95%", "p",
    ])
    for (index, name) in names.enumerated() {
      let cell = cells[name]
      let recalls = [1, 5, 20, 100].map { Points.text(cell.spread(of: "recall@\($0)").mean) }
      let difference =
        index == 0 ? ["", "", ""] : cell.difference(from: cells[names[index - 1]]).cells
      table.add([name, Points.spread(cell.spread(of: "mrr@10"))] + recalls + difference)
    }
    return Section(text: "### G4: in-batch negatives at equal data\n\n" + table.text)
  }
}
