import Tensors

/// What sampling depends on, beside the networks: part of a run's state.
///
/// Draws need no place here, for each is a function of the seed, the step and the pair.
struct NegativeState: Sendable {
  /// The corrector, for ``NegativeSource/corrected``.
  var corrector: JointCorrector?
  /// Embeddings of all passages as they were made last, when they were made anew.
  var reEncoded: Matrix?
  /// Steps done when they were.
  var reEncodedAt = 0
  /// Passages encoded for sampling so far, each as often as it was.
  var encodings = 0
  /// What identifies the corpus; nil before it was looked at.
  var corpus: String?
  /// What identifies the embeddings of the beginning; nil before they were made.
  var cache: String?

  /// The state before the first step.
  init(_ sampling: NegativeSampling, dimension: Int, normalizes: Bool, seed: UInt64) {
    guard sampling.source == .corrected else { return }
    corrector = JointCorrector(
      sampling.corrector, dimension: dimension, normalizes: normalizes, seed: seed)
  }
}

/// What sampling came to in a step.
public struct NegativeProgress: Sendable, Codable, Equatable {
  /// Passages drawn for the step's queries together.
  public let drawn: Int
  /// Passages encoded so that negatives could be drawn, since the run began: the price of the
  /// source. Those that a step trains on are not among them.
  public let corpusEncodings: Int
  /// How far the embeddings drawn by are from those of the step, before any correction: the mean of
  /// `‖g − g'‖² / ‖g‖²` over the passages the step encoded. Nil where there are none.
  public let staleness: Double?
  /// The same after correction, by the corrector as it was before it learned from the step.
  public let correctedStaleness: Double?
  /// The corrector's loss on them, mean of `‖h(g') − g‖²`, before it learned from the step.
  public let driftLoss: Double?
}

/// What parts of a step took, by the clock a run was given.
public struct StepSeconds: Sendable, Codable, Equatable {
  /// The whole step.
  public let step: Double
  /// Embedding queries, scoring the corpus, drawing, and the corrector; encoding the corpus too.
  public let sampling: Double
}
