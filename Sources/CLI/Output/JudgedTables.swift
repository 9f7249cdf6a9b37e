import Foundation
import Freshet

/// The tables of a refresh in words: correctors, and ways.
enum JudgedTables {
  /// One line per corrector with its figures, then one per kind that was skipped.
  static func candidates(_ candidates: [JudgedCandidate], skipped: [SkippedCandidate]) -> String {
    var text = table(
      [["", "cosine", "neighbours@10", "KL", "fitted in", "corrects all in"]]
        + candidates.map { candidate in
          [
            (candidate.isChosen ? "* " : "  ") + candidate.kind.rawValue,
            interval(candidate.judgement.cosine), interval(candidate.judgement.recallAt10),
            interval(candidate.judgement.kl), String(format: "%.2f s", candidate.fitSeconds),
            candidate.applySeconds.map { String(format: "%.2f s", $0) } ?? "-",
          ]
        })
    for skipped in skipped { text += "\n  \(skipped.kind.rawValue): \(skipped.reason)" }
    return text
  }

  /// One line per way; seconds are nil where nobody can tell.
  static func ways(
    _ ways: [(way: String, quality: [String: [Double]], seconds: Double?, encodes: Int)],
    chosen: String
  ) -> String {
    let metrics = ["neighbours@10", "cosine", "ndcg@10"].filter { metric in
      ways.contains { $0.quality[metric] != nil }
    }
    return table(
      [[""] + metrics + ["seconds", "texts to encode"]]
        + ways.map { way in
          [(way.way == chosen ? "* " : "  ") + way.way]
            + metrics.map { way.quality[$0].map(range) ?? "-" }
            + [way.seconds.map { String(format: "%.1f", $0) } ?? "-", String(way.encodes)]
        })
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
