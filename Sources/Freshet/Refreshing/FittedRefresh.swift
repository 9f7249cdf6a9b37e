internal import Corrector
internal import Encoder
internal import Store
internal import Tensors

/// A refresh that is fitted and judged, and has changed nothing yet.
struct FittedRefresh {
  let source: GenerationSource
  let report: CorrectorReport
  let journal: EmbeddingJournal
  let encoder: TextEncoder
  /// Passages whose stale embedding stands for their present text, ascending.
  let correctable: [Int]
  /// Seconds the new encoder takes for one passage.
  let secondsPerPassage: Double
  let sample: Int

  /// The share of lost neighbours brought back, in recall@10 on held-out passages.
  var recovery: Double {
    let corrected = report.judgement.recallAt10.estimate
    guard let kept = report.keep?.recallAt10.estimate else { return corrected }
    return kept >= 1 ? 1 : (corrected - kept) / (1 - kept)
  }

  /// The corrected embeddings of rows of the source, with their predicted errors.
  func corrected(_ rows: [Int]) -> (vectors: Matrix, errors: [Float]) {
    let stale = source.vectors.gathering(rows)
    let corrected = report.corrector.apply(stale)
    return (corrected, report.predictedErrors(stale: stale, corrected: corrected))
  }
}
