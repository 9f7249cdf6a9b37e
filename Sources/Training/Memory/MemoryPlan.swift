/// The peak of a run's resident memory, known before it runs, and how its losses are encoded so as
/// to keep to it.
public struct MemoryPlan: Sendable, Equatable {
  /// What memory is for.
  public enum Purpose: String, Sendable, Codable, CaseIterable {
    /// Program, libraries, tokenizer, data, and what of the encoder stays as it was read.
    case process = "process, tokenizer, data"
    /// The weights that are trained.
    case weights
    /// The gradient of every weight.
    case gradients
    /// Both moments of AdamW.
    case moments = "optimizer moments"
    /// The weights laid out for the kernels, in both directions.
    case packedWeights = "packed weights"
    /// Embeddings, sums and ids of the memory bank.
    case bank = "memory bank"
    /// Embeddings of all passages, which negatives are drawn by.
    case corpus = "embeddings of the passages"
    /// The corrector of those embeddings, its moments, and what it works in.
    case corrector
    /// The network the run began with and the map, when passages are kept correctable.
    case drift = "keeping passages correctable"
    /// The order of the pairs.
    case dataOrder = "order of the data"
    /// Threads, buffers of OpenBLAS, texts and tokens of a batch, checkpoint writing.
    case work = "threads and buffers"
    /// What forward passes keep for backward passes.
    case activations
    /// What a pass works in beside that.
    case working = "working memory of a pass"
    /// Scores and gradients of a loss.
    case loss = "loss stage"
    /// Embeddings of a loss's texts, and their gradients.
    case representations
  }

  /// One line of the plan.
  public struct Part: Sendable, Equatable, Codable {
    public let purpose: Purpose
    public let bytes: Int

    init(_ purpose: Purpose, _ bytes: Int) {
      self.purpose = purpose
      self.bytes = bytes
    }
  }

  /// What is held at the busiest moment; together the peak.
  public let parts: [Part]
  /// Tokens of one loss, at most.
  public let groupTokens: Int
  /// Tokens encoded at once, at most.
  public let chunkTokens: Int
  /// Tokens of a loss that are encoded once; the others are encoded twice.
  public let keptTokens: Int
  /// What the run must keep to, if anything.
  public let cap: ByteSize?

  /// The most bytes resident at once.
  public var peakBytes: Int { parts.reduce(0) { $0 + $1.bytes } }

  init(_ memory: TrainingMemory, _ cut: TrainingMemory.Cut, cap: ByteSize? = nil) {
    parts = memory.parts(cut)
    groupTokens = memory.groupTokens
    (chunkTokens, keptTokens) = (cut.chunk, cut.kept)
    self.cap = cap
  }

  /// The plan of a configuration as it is.
  ///
  /// - Throws: `TrainingError.invalidConfiguration`.
  public init(
    for configuration: TrainingConfiguration, _ footprint: TrainingFootprint, _ lengths: TextLengths
  ) throws(TrainingError) {
    try configuration.validate()
    let memory = TrainingMemory(
      configuration: configuration, footprint: footprint, lengths: lengths)
    self.init(memory, memory.configuredCut)
  }
}
