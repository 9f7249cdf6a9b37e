/// What log and report say of a run before its first step.
public struct RunDescription: Sendable, Equatable {
  /// One line for people, such as the names of encoder and data.
  public let title: String
  /// What the run computes.
  public let configuration: TrainingConfiguration
  /// Fingerprint of the encoder it starts from.
  public let encoder: String
  /// Digest of the pairs.
  public let data: String
  /// Number of pairs.
  public let pairs: Int

  public init(
    title: String, configuration: TrainingConfiguration, encoder: String, data: String, pairs: Int
  ) {
    self.title = title
    self.configuration = configuration
    self.encoder = encoder
    self.data = data
    self.pairs = pairs
  }
}

extension Trainer {
  /// What a ``RunWatcher`` is told of this trainer's runs.
  public func description(titled title: String) -> RunDescription {
    RunDescription(
      title: title, configuration: configuration, encoder: identity.encoder, data: identity.data,
      pairs: pairs.count)
  }
}
