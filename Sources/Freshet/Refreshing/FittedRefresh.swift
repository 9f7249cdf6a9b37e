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
  /// Rows that are exact in a hybrid: the sample, and what the budget adds.
  let exact: Int

  /// Whether passages are encoded beside the sample: a budget was given, and mixing does no harm.
  func mixes(_ options: RefreshOptions) -> Bool { options.budget != nil && hybrid?.helps == true }

  /// The figures of the way that is taken.
  func judgement(_ options: RefreshOptions) -> Judgement {
    if mixes(options), let hybrid { return hybrid.judgement }
    return report.judgement
  }

  /// How that hybrid is judged; nil when it would be all of them.
  var hybrid: HybridJudgement? { exact < correctable.count ? report.hybrids.first : nil }
}
