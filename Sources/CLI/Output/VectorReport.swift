import Foundation
import Freshet

/// A plan for bare vectors: as JSON with the keys of a collection's, and in words.
struct VectorReport: Encodable {
  struct Chosen: Encodable {
    var kind: String
    var recovery: Double
    var sample: Int
    var normalizes: Bool
  }

  var plan: [VectorRefreshPlan.Way]
  var chosen: String
  var corrector: Chosen
  /// By kind of corrector.
  var judged: [String: JudgedCandidate]
  /// Vectors, and dimensions of the stale and the fresh ones.
  var rows: Int, staleDimension: Int, freshDimension: Int
  /// The file that was written.
  var out: String?

  init(_ plan: VectorRefreshPlan, out: String?) {
    self.plan = plan.ways
    chosen = plan.chosen
    corrector = Chosen(
      kind: plan.corrector.rawValue, recovery: plan.recovery, sample: plan.sample,
      normalizes: plan.normalizes)
    judged = Dictionary(plan.candidates.map { ($0.kind.rawValue, $0) }) { first, _ in first }
    (rows, self.out) = (plan.rows, out)
    (staleDimension, freshDimension) = (plan.staleDimension, plan.freshDimension)
  }

  static func words(_ plan: VectorRefreshPlan) -> String {
    var text = "correctors, judged on vectors they have not seen (sample of \(plan.sample)):\n"
    text += JudgedTables.candidates(plan.candidates, skipped: plan.skipped)
    text += "\n\nwhat each way brings and costs from here:\n"
    text += JudgedTables.ways(
      plan.ways.map { ($0.way, $0.quality, $0.seconds, $0.encodes) }, chosen: plan.chosen)
    return text + String(format: "\nrecovery of lost neighbours: %.1f%%", 100 * plan.recovery)
  }
}
