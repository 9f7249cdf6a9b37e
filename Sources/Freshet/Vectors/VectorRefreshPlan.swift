public import Corrector

/// What can be done about stale vectors of any origin, and what each way would bring.
public struct VectorRefreshPlan: Sendable, Codable {
  /// One way.
  public struct Way: Sendable, Codable {
    /// "keep" the stale vectors, "correct" them, or "re-encode" every text.
    public var way: String
    /// Predicted quality by metric, `[low, estimate, high]`, as in ``RefreshPlan/Way/quality``.
    public var quality: [String: [Double]]
    /// Seconds of reading and correcting, on this machine; writing is as fast as the disk. Nil
    /// where only the new encoder's owner can tell.
    public var seconds: Double?
    /// Texts to encode from here.
    public var encodes: Int
  }

  /// Cheapest first; without "keep" when the dimensions differ.
  public var ways: [Way]
  /// "correct", or "keep" when no corrector is better than none.
  public var chosen: String
  /// The kind of corrector that is used.
  public var corrector: CorrectorKind
  /// Every corrector that was fitted, and how it was judged.
  public var candidates: [JudgedCandidate]
  /// Kinds that could not be fitted, and why.
  public var skipped: [SkippedCandidate]
  /// The share of the lost neighbours that correcting brings back: (corrected − kept) / (1 − kept)
  /// of the ten nearest; the share of true neighbours found where nothing can be kept.
  public var recovery: Double
  /// Vectors, and those of them in the sample.
  public var rows: Int, sample: Int
  /// Dimensions of the stale and of the fresh vectors.
  public var staleDimension: Int, freshDimension: Int
  /// Whether corrected vectors are scaled to norm 1.
  public var normalizes: Bool
}

/// What refreshing of vectors did.
public struct VectorRefreshSummary: Sendable {
  /// What was known before the vectors were written.
  public var plan: VectorRefreshPlan
  /// Vectors written.
  public var rows: Int
  /// Seconds from the end of the fit to the end.
  public var seconds: Double
}
