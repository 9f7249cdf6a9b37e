import Training

extension Experiment {
  /// A5: embeddings of past encoders help.
  static let pastEncoders = Experiment(name: "a5") { plan in
    [0, 1].flatMap { hard in
      let run = plan.accumulation(bank: ExperimentPlan.bankSize, hard: hard)
      return [
        plan.cell(name("carried on", hard), run),
        plan.cell(name("cleared after each update", hard), run.with { $0.bankScope = .update }),
        plan.cell(name("no bank", hard), plan.accumulation(hard: hard)),
      ]
    }
  } report: { cells, _ in
    var table = MarkdownTable([
      "Bank, M = \(ExperimentPlan.bankSize)", "MRR@10", "against carried on", "95%", "p",
    ])
    for hard in [0, 1] {
      for kind in ["carried on", "cleared after each update", "no bank"] {
        let cell = cells[name(kind, hard)]
        table.add(
          [name(kind, hard), Points.spread(cell.spread(of: "mrr@10"))]
            + cell.difference(from: cells[name("carried on", hard)]).cells)
      }
    }
    return Section(text: "### A5: the bank cleared after each update\n\n" + table.text)
  }

  private static func name(_ kind: String, _ hard: Int) -> String {
    kind + (hard > 0 ? ", hard negatives" : "")
  }
}
