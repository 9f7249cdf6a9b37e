extension MemoryPlan {
  /// Chooses how a run's losses are encoded so that its memory stays below a cap; what is computed
  /// stays the same.
  ///
  /// Batch, micro-batch and bank are part of the objective and are left alone. What may be chosen is
  /// how many tokens are encoded at once, and how many of them keep their activations: all at once
  /// where that fits; else chunks, of which as many are kept as there is room for and the others
  /// encoded twice (``TrainingMethod/gradCache``'s way, whatever the method).
  ///
  /// - Parameters:
  ///   - cap: the most bytes the process may have resident.
  ///   - chunkTokens: of a run that goes on, the chunk it was begun with: another would change
  ///     rounding; nil to choose.
  /// - Returns: the plan, and the configuration with `chunkRows`, `chunkTokens` and `keptTokens` set.
  /// - Throws: `TrainingError`: `.doesNotFit` with the numbers and what would fit;
  ///   `.invalidConfiguration`.
  public static func fitting(
    _ configuration: TrainingConfiguration, _ footprint: TrainingFootprint, _ lengths: TextLengths,
    cap: ByteSize, chunkTokens: Int? = nil
  ) throws(TrainingError) -> (plan: MemoryPlan, configuration: TrainingConfiguration) {
    try configuration.validate()
    let memory = TrainingMemory(
      configuration: configuration, footprint: footprint, lengths: lengths)
    guard let cut = memory.cut(within: cap.bytes, chunk: chunkTokens) else {
      throw memory.refusal(cap: cap, chunk: chunkTokens)
    }
    var fitted = configuration
    fitted.chunkRows = max(fitted.chunkRows, configuration.textsPerLoss)
    fitted.chunkTokens = cut.chunk
    fitted.keptTokens = cut.kept
    return (MemoryPlan(memory, cut, cap: cap), fitted)
  }
}

extension TrainingConfiguration {
  /// Texts that one loss encodes, at most.
  fileprivate var textsPerLoss: Int { groupSize * (2 + hardNegativesPerQuery) }
}

extension TrainingMemory {
  /// Chunks beyond this many tokens bring no speed.
  static let largestChunk = 2048

  /// Chunks to choose from, the largest first; the last is one text.
  private var chunks: [Int] {
    let least = min(lengths.longest, groupTokens)
    let halves = sequence(first: Self.largestChunk) { $0 / 2 }.prefix { $0 > least }
    return halves.filter { $0 < groupTokens } + [least]
  }

  /// The fastest cut that stays within `bytes`; nil when there is none.
  ///
  /// - Parameter chunk: the only one to choose; nil for any.
  func cut(within bytes: Int, chunk: Int? = nil) -> Cut? {
    let group = groupTokens
    func fits(_ cut: Cut) -> Bool { peak(cut) <= bytes }
    let candidates = chunk.map { [min($0, group)] } ?? [group] + chunks
    for chunk in candidates {
      if fits(Cut(chunk: chunk, kept: group)) { return Cut(chunk: chunk, kept: group) }
      guard chunk < group, fits(Cut(chunk: chunk, kept: 0)) else { continue }
      // As many chunks kept as there is room for.
      var (low, high) = (0, (group - 1) / chunk)
      while low < high {
        let middle = (low + high + 1) / 2
        if fits(Cut(chunk: chunk, kept: middle * chunk)) { low = middle } else { high = middle - 1 }
      }
      return Cut(chunk: chunk, kept: low * chunk)
    }
    return nil
  }

  /// The cut that takes the least memory.
  var leastCut: Cut { Cut(chunk: chunks.last ?? groupTokens, kept: 0) }
}
