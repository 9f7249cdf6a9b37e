public import Encoder
public import Foundation

extension TextEncoder {
  /// Plans the memory of training this encoder in this process.
  ///
  /// To be asked when encoder and data have been read: what is resident then is taken as it is, the
  /// rest follows from the extents of what a step holds.
  ///
  /// - Parameters:
  ///   - pairs, passages: the data, of which some pairs are looked at for the lengths of texts; nil
  ///     to take every text to be as long as the configuration allows.
  ///   - cap: the most bytes the process may have resident; nil to plan the configuration as it is.
  ///   - checkpoints: of a run that goes on, its folder: it keeps to the chunks it was begun with.
  /// - Returns: the plan, and the configuration to train with; see
  ///   ``MemoryPlan/fitting(_:_:_:cap:chunkTokens:)``.
  /// - Throws: `TrainingError`: `.doesNotFit`, `.invalidConfiguration`; what the sources of pairs and
  ///   passages throw.
  public func memoryPlan(
    for configuration: TrainingConfiguration, pairs: (any PairSource)? = nil,
    passages: (any PassageSource)? = nil, within cap: ByteSize? = nil,
    goingOnFrom checkpoints: URL? = nil
  ) throws -> (plan: MemoryPlan, configuration: TrainingConfiguration) {
    try configuration.validate()
    let corpus = passages as? any PassageCorpus
    let footprint = TrainingFootprint(
      of: self, pairs: pairs?.count ?? 0, passages: corpus?.passageCount ?? 0)
    let lengths =
      if let pairs, let passages {
        try TextLengths(of: pairs, passages, encoder: self, configuration)
      } else {
        TextLengths(
          longestOf: configuration,
          limits: (folder(for: .query).maximumLength, folder(for: .passage).maximumLength))
      }
    guard let cap else {
      return (try MemoryPlan(for: configuration, footprint, lengths), configuration)
    }
    let begun = checkpoints.flatMap(TrainingConfiguration.ofRun(in:))
    return try MemoryPlan.fitting(
      configuration, footprint, lengths, cap: cap, chunkTokens: begun?.chunkTokens)
  }
}

extension TrainingConfiguration {
  /// What the run whose checkpoints are in a folder was begun with; nil where no file says so.
  static func ofRun(in folder: URL) -> TrainingConfiguration? {
    let files = FileManager.default
    let names = (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasPrefix("step-") }.sorted().reversed().lazy
      .compactMap { Checkpoint.configuration(of: folder.appending(path: $0)) }.first
  }
}
