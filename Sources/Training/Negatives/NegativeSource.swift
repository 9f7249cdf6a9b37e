/// Where the hard negatives that are sampled while an encoder is trained come from.
///
/// All but ``uniform`` draw from a softmax over the whole corpus: of the scores that the query, as
/// the encoder embeds it now, has with embeddings of all passages. They differ in which embeddings.
public enum NegativeSource: String, Sendable, Codable, CaseIterable {
  /// Every passage is as likely as any other.
  case uniform
  /// Embeddings of the encoder that the run began with: made once, never changed.
  case stale
  /// The same, moved by a corrector that learns at every step from the passages the step encodes
  /// anyway (Monath et al. 2024, "A Fresh Take on Stale Embeddings").
  case corrected
  /// Embeddings of the encoder being trained, all made anew every so many steps (ANCE, Xiong et
  /// al. 2021, without its delay).
  case reEncode = "re-encode"
}

/// Hard negatives sampled from the whole corpus at every step.
public struct NegativeSampling: Sendable, Codable, Equatable {
  /// Which embeddings of the passages are drawn by.
  public var source: NegativeSource
  /// k: different passages drawn for each query and step.
  public var perQuery: Int
  /// Passages that score above the query's positive by more than this are not drawn: they may well
  /// be answers nobody marked. In units of the score; nil for no such bound.
  public var margin: Float?
  /// Steps between encodings of the whole corpus; for ``NegativeSource/reEncode``.
  public var reEncodeEvery = 200
  /// How the corrector learns and is used; for ``NegativeSource/corrected``.
  public var corrector = JointCorrectorOptions()

  /// `perQuery` negatives of a source; see ``validate()`` for what the values may be.
  public init(_ source: NegativeSource, perQuery: Int = 8, margin: Float? = nil) {
    self.source = source
    self.perQuery = perQuery
    self.margin = margin
  }
}

/// How a corrector learns beside the encoder, and how its vectors are drawn by.
///
/// No such number of the paper is known; these are our own.
public struct JointCorrectorOptions: Sendable, Codable, Equatable {
  /// r, the hidden units of the residual network.
  public var width = 512
  /// Adam's learning rate, the same at every step.
  public var learningRate: Float = 1e-3
  /// Adam steps on the targets of each step of the run; 0 leaves the corrector the identity.
  ///
  /// An encoder that starts from nothing moves faster than one Adam step follows: in its first 20
  /// steps the corrected embeddings were then no fresher than the stale ones, with four they were
  /// six times fresher, for twice the corrector's time.
  public var innerSteps = 4
  /// λ: weight, beside the mean square error, of the cross-entropy between the softmax over the
  /// step's targets by fresh and by corrected embeddings.
  public var crossEntropyWeight: Float = 0
  /// Steps between corrections of the whole corpus.
  public var correctEvery = 10
  /// M': candidates per query that are found by the last correction of the corpus, and corrected
  /// anew to be drawn from; nil to draw from all passages by the last correction.
  public var candidates: Int?

  /// The defaults.
  public init() {}
}

extension NegativeSource {
  /// Whether embeddings of all passages are needed.
  var drawsByScore: Bool { self != .uniform }
}
