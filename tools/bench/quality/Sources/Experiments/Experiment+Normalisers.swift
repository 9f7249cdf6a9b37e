import Training

extension Experiment {
  /// A9: what the loss is divided by matters to gradient descent, not to Adam.
  static let normalisers = Experiment(name: "a9") { plan in
    OptimizerKind.allCases.flatMap { optimizer in
      LossNormaliser.allCases.map { normaliser in
        plan.cell(
          name(optimizer, normaliser),
          plan.accumulation(bank: ExperimentPlan.bankSize).with {
            $0.optimizer = optimizer
            $0.normaliser = normaliser
            if optimizer == .descent { $0.learningRate = plan.rates.descent }
          })
      }
    }
  } report: { cells, _ in
    var table = MarkdownTable([
      "M = \(ExperimentPlan.bankSize)", "all rows", "local rows", "local − all", "95%", "p",
    ])
    for optimizer in OptimizerKind.allCases {
      let all = cells[name(optimizer, .allRows)]
      let local = cells[name(optimizer, .localRows)]
      table.add(
        [
          optimizer.rawValue, Points.spread(all.spread(of: "mrr@10")),
          Points.spread(local.spread(of: "mrr@10")),
        ] + local.difference(from: all).cells)
    }
    return Section(text: "### A9: what the loss is divided by, MRR@10\n\n" + table.text)
  }

  private static func name(_ optimizer: OptimizerKind, _ normaliser: LossNormaliser) -> String {
    "\(optimizer.rawValue), \(normaliser.rawValue)"
  }
}
