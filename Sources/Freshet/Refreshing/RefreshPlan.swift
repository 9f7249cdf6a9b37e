public import Corrector

/// What can be done about stale embeddings, what each way would bring, and what it costs.
public struct RefreshPlan: Sendable, Codable {
  /// One way.
  public struct Way: Sendable, Codable {
    /// "keep" the stale vectors, "correct" them, "hybrid" (correct them, and encode the passages of
    /// greatest predicted error), or "re-encode" every text.
    public var way: String
    /// Predicted quality by metric, `[low, estimate, high]`. On held-out passages: "cosine" to and "kl"
    /// from what the new encoder would give, and "neighbours@10", the share of the ten nearest by
    /// the new encoder that are found. On judged queries, when they were given: "ndcg@10",
    /// "recall@1", "recall@10", "recall@100", measured.
    public var quality: [String: [Double]]
    /// Seconds it takes from here, at the speed measured on the sample; the index, which every way
    /// builds, is not in it.
    public var seconds: Double
    /// Texts it encodes from here.
    public var encodes: Int
  }

  /// Cheapest first.
  public var ways: [Way]
  /// The way a refresh takes: "correct", or "keep" when no corrector is better than none; "hybrid"
  /// when a budget was given and mixing does no harm.
  public var chosen: String
  /// The kind of corrector it uses.
  public var corrector: CorrectorKind
  /// Every corrector that was fitted, and how it was judged.
  public var candidates: [JudgedCandidate]
  /// Kinds that could not be fitted, and why.
  public var skipped: [SkippedCandidate]
  /// Passages encoded to find this out.
  public var sample: Int
  /// Exact rows among corrected ones, judged at several shares.
  public var hybrids: [HybridJudgement]
  /// The share of the lost neighbours that correcting brings back: (corrected − kept) / (1 − kept)
  /// of the ten nearest passages.
  public var recovery: Double
  /// The generation whose embeddings are corrected. Older than the active one when that one is
  /// itself corrected: a corrector never works on another's output while true embeddings exist.
  public var source: Int
  /// Whether even the source holds corrected embeddings, because nothing better is left.
  public var correctsCorrected: Bool

  /// Whether that share of exact rows may stand among corrected ones: the verdict at the judged share
  /// that is nearest.
  public func mayMix(share: Double) -> Bool {
    let nearest = hybrids.min { abs($0.share - share) < abs($1.share - share) }
    return nearest?.helps ?? false
  }
}

/// What a refresh did.
public struct RefreshSummary: Sendable {
  /// What was known before it went live.
  public var plan: RefreshPlan
  /// The generation that is active now.
  public var generation: GenerationSummary
  /// Seconds from the end of the fit to the swap.
  public var seconds: Double
}
