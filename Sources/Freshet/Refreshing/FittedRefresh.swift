internal import Corrector
internal import Encoder
internal import Store

/// A refresh that is fitted and judged, and has changed nothing yet.
struct FittedRefresh {
  let source: GenerationSource
  let report: CorrectorReport
  let journal: EmbeddingJournal
  let encoder: TextEncoder
  /// What correctors of text read; nil when none was asked for.
  let features: WordFeatures?
  /// Passages whose stale embedding stands for their present text, ascending.
  let correctable: [Int]
  /// Seconds the new encoder takes for one passage.
  let secondsPerPassage: Double
  let sample: Int
  /// Rows of the sample's passages, and their pairs in the same order.
  let sampled: [Int], pairs: CorrectionPairs

  /// The share of lost neighbours brought back, in recall@10 on held-out passages.
  var recovery: Double {
    let corrected = report.judgement.recallAt10.estimate
    guard let kept = report.keep?.recallAt10.estimate else { return corrected }
    return kept >= 1 ? 1 : (corrected - kept) / (1 - kept)
  }
}
