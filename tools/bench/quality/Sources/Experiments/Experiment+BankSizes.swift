import Reports
import Training

extension Experiment {
  /// A2: ContAccum beats GradAccum, and reaches GradCache, at the same memory.
  static let bankSizes = Experiment(name: "a2") { plan in
    [0, 1].flatMap { hard in
      ExperimentPlan.bankSizes.map {
        plan.cell(name(bank: $0, hard: hard), plan.accumulation(bank: $0, hard: hard))
      } + [plan.cell(cacheName(hard), plan.gradCache(128, hard: hard))]
    }
  } report: { cells, _ in
    var table = MarkdownTable([
      "Method", "MRR@10", "R@1", "R@20", "against GradAccum", "95%", "p", "against GradCache",
      "95%", "p",
    ])
    for hard in [0, 1] {
      let (base, cache) = (cells[name(bank: 0, hard: hard)], cells[cacheName(hard)])
      for name in ExperimentPlan.bankSizes.map({ name(bank: $0, hard: hard) }) + [cacheName(hard)] {
        let cell = cells[name]
        table.add(
          [
            name, Points.spread(cell.spread(of: "mrr@10")),
            Points.text(cell.spread(of: "recall@1").mean),
            Points.text(cell.spread(of: "recall@20").mean),
          ] + cell.difference(from: base).cells + cell.difference(from: cache).cells)
      }
    }
    return Section(
      text: "### A2: ContAccum by bank size, micro-batches 8 × 16\n\n" + table.text,
      charts: [("a2", chart(cells).file())])
  }

  private static func chart(_ cells: FinishedCells) -> Chart {
    func series(_ hard: Int) -> [Cell] {
      ExperimentPlan.bankSizes.map { cells[name(bank: $0, hard: hard)] }
    }
    return .quality(
      "ContAccum by bank size", over: "examples in the bank; 0 is GradAccum",
      ExperimentPlan.bankSizes.map(String.init),
      series: [("in-batch negatives", series(0)), ("and one hard negative", series(1))],
      rules: [0, 1].map {
        .horizontal(cells[cacheName($0)].spread(of: "mrr@10").mean * 100, label: cacheName($0))
      })
  }

  private static func name(bank: Int, hard: Int) -> String {
    (bank == 0 ? "GradAccum" : "ContAccum, M = \(bank)") + (hard > 0 ? ", hard negatives" : "")
  }

  private static func cacheName(_ hard: Int) -> String {
    "GradCache (128)" + (hard > 0 ? ", hard negatives" : "")
  }
}
