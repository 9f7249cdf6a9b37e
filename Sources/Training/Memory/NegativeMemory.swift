import Corrector

/// What sampling negatives holds, in bytes.
struct NegativeMemory: Sendable, Equatable {
  /// Embeddings of all passages, in as many copies as are there at once.
  private(set) var embeddings = 0
  /// The corrector, its moments, and what learning and correcting a block work in.
  private(set) var corrector = 0
  /// Texts, tokens and embeddings of the passages that are encoded together.
  private(set) var encodedTexts = 0

  /// - Parameters:
  ///   - passages: N.
  ///   - dimension: d.
  ///   - longest: tokens of a passage at most.
  init(_ configuration: TrainingConfiguration, passages: Int, dimension: Int, longest: Int) {
    guard let sampling = configuration.sampling else { return }
    // Beside the embeddings a key of every text, while equal ones are looked for.
    let one = passages * dimension * 4
    switch sampling.source {
    case .uniform: embeddings = passages * 64
    case .stale: embeddings = one + passages * 64
    case .corrected, .reEncode: embeddings = 2 * one + passages * 64
    }
    if sampling.source.drawsByScore {
      let block = min(passages, CorpusEncoder.blockRows)
      encodedTexts = block * (longest * 8 + 2048 + 2 * dimension * 4)
    }
    guard sampling.source == .corrected else { return }
    let width = sampling.corrector.width
    let parameters = MLPParameters.count(dimension: dimension, width: width)
    let targets = configuration.batchSize * (2 + configuration.hardNegativesPerQuery)
    let learning = targets * (3 * width + 6 * dimension)
    let correcting = 1024 * 2 * (width + dimension)
    corrector = (6 * parameters + max(learning, correcting)) * 4
  }
}
