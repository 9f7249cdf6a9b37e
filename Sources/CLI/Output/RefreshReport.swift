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
    /// Exact rows among corrected ones, by their share.
    var hybrids: [HybridJudgement]
  }

  var plan: [RefreshPlan.Way]
  var chosen: String
  var advice: RefreshAdvice
  var corrector: Chosen
  /// By kind of corrector.
  var judged: [String: JudgedCandidate]
  var generation: Int?

  init(_ plan: RefreshPlan, generation: Int?) {
    self.plan = plan.ways
    chosen = plan.chosen
    advice = plan.advice
    corrector = Chosen(
      kind: plan.corrector.rawValue, recovery: plan.recovery, sample: plan.sample,
      source: plan.source, correctsCorrected: plan.correctsCorrected,
      hybrids: plan.hybrids)
    judged = Dictionary(plan.candidates.map { ($0.kind.rawValue, $0) }) { first, _ in first }
    self.generation = generation
  }

  static func words(_ plan: RefreshPlan) -> String {
    var text = "correctors, judged on passages they have not seen (\(plan.sample) encoded):\n"
    text += JudgedTables.candidates(plan.candidates, skipped: plan.skipped)
    text += "\n\nwhat each way brings and costs from here:\n"
    text += JudgedTables.ways(
      plan.ways.map { ($0.way, $0.quality, $0.seconds, $0.encodes) }, chosen: plan.chosen)
    text += String(format: "\nrecovery of lost neighbours: %.1f%%", 100 * plan.recovery)
    for hybrid in plan.hybrids {
      text += String(
        format: "\n%.0f%% exact, the worst predicted: %+.4f neighbours@10 [%+.4f, %+.4f]; "
          + "%+.4f over as many at random", 100 * hybrid.share, hybrid.gain.estimate,
        hybrid.gain.low, hybrid.gain.high, hybrid.gainOverRandom.estimate)
    }
    if plan.correctsCorrected {
      text += "\nnote: the stored embeddings are corrected ones themselves; true ones are gone"
    }
    text += "\nadvice: \(plan.advice.way): \(plan.advice.reason)"
    return text
  }
}
