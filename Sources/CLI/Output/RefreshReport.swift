import Foundation
import Freshet

/// A plan as the contract's JSON keys, and in words.
struct RefreshReport: Encodable {
  struct Chosen: Encodable {
    var kind: String
    var recovery: Double
    var sample: Int
    var source: Int
    var correctsCorrected: Bool
  }

  var plan: [RefreshPlan.Way]
  var chosen: String
  var corrector: Chosen
  /// By kind of corrector.
  var judged: [String: JudgedCandidate]
  var generation: Int?

  init(_ plan: RefreshPlan, generation: Int?) {
    self.plan = plan.ways
    chosen = plan.chosen
    corrector = Chosen(
      kind: plan.corrector.rawValue, recovery: plan.recovery, sample: plan.sample,
      source: plan.source, correctsCorrected: plan.correctsCorrected)
    judged = Dictionary(plan.candidates.map { ($0.kind.rawValue, $0) }) { first, _ in first }
    self.generation = generation
  }

  static func words(_ plan: RefreshPlan) -> String {
    var text = "correctors, judged on passages they have not seen (\(plan.sample) encoded):\n"
    text += table(
      [["", "cosine", "neighbours@10", "KL", "fitted in", "corrects all in"]]
        + plan.candidates.map { candidate in
          [
            (candidate.isChosen ? "* " : "  ") + candidate.kind.rawValue,
            interval(candidate.judgement.cosine), interval(candidate.judgement.recallAt10),
            interval(candidate.judgement.kl), String(format: "%.2f s", candidate.fitSeconds),
            candidate.applySeconds.map { String(format: "%.2f s", $0) } ?? "-",
          ]
        })
    for skipped in plan.skipped { text += "\n  \(skipped.kind.rawValue): \(skipped.reason)" }
    let metrics = ["neighbours@10", "cosine", "ndcg@10"].filter { metric in
      plan.ways.contains { $0.quality[metric] != nil }
    }
    text += "\n\nwhat each way brings and costs from here:\n"
    text += table(
      [[""] + metrics + ["seconds", "texts to encode"]]
        + plan.ways.map { way in
          [(way.way == plan.chosen ? "* " : "  ") + way.way]
            + metrics.map { way.quality[$0].map(range) ?? "-" }
            + [String(format: "%.1f", way.seconds), String(way.encodes)]
        })
    text += String(format: "\nrecovery of lost neighbours: %.1f%%", 100 * plan.recovery)
    if plan.correctsCorrected {
      text += "\nnote: the stored embeddings are corrected ones themselves; true ones are gone"
    }
    return text
  }

  private static func interval(_ value: Interval) -> String {
    range([value.low, value.estimate, value.high])
  }

  private static func range(_ values: [Double]) -> String {
    values[0] == values[2]
      ? String(format: "%.4f", values[1])
      : String(format: "%.4f [%.4f, %.4f]", values[1], values[0], values[2])
  }
}
