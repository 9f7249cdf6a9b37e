public import Encoder
public import Foundation
import Tensors
public import Training

/// What training came to.
public struct TrainingSummary: Sendable, Equatable {
  /// Fingerprint of the encoder that was saved.
  public var encoder: String
  public var steps: Int, pairs: Int
  /// Mean loss of the last tenth of the steps, in nats.
  public var loss: Float
  /// Passages encoded so that negatives could be sampled; nil when none were sampled.
  public var corpusEncodings: Int?
  /// The step whose weights were saved, when a development set decided, and its metrics by name.
  public var bestStep: Int?
  public var bestMetrics: [String: Double]
}

extension TextEncoder {
  /// Trains a copy of this encoder on pairs and saves it as a sentence-transformers folder.
  ///
  /// Progress is checkpointed beside the destination; a stopped run goes on with `resume`.
  ///
  /// - Parameters:
  ///   - development: evaluated on while training goes on; the weights that did best are saved.
  ///   - destination: must not exist.
  ///   - journal: where the run is written down, if anywhere.
  ///   - resume: go on from the last checkpoint, or begin when there is none.
  ///   - encoding: told while the passages are encoded for sampling negatives.
  /// - Throws: `FreshetError.interrupted` when asked to stop; `TrainingError`; `EncoderError` when
  ///   the destination exists or cannot be written.
  @discardableResult
  public func trained(
    on data: TrainingData, development: DevelopmentSet? = nil,
    configuration: TrainingConfiguration, savingTo destination: URL,
    journal: TrainingJournal? = nil, resume: Bool = false, shouldStop: StopCheck = { false },
    encoding: (CorpusProgress) -> Void = { _ in },
    progress: (StepProgress) -> Void = { _ in }, warning: (String) -> Void = { _ in }
  ) throws -> TrainingSummary {
    let files = FileManager.default
    let checkpoints = destination.appendingPathExtension("training")
    // Killed between saving and clearing up, a run is resumed from its last checkpoint: at its end.
    let isSaved = files.fileExists(atPath: destination.path)
    guard !isSaved || (resume && files.fileExists(atPath: checkpoints.path)) else {
      throw FreshetError(
        .badInput, "\(destination.path) exists: remove it, or save the new encoder elsewhere")
    }
    let trainer = try Trainer(
      encoder: self, pairs: data, passages: data, configuration: configuration)
    let outcome =
      try journal.map {
        try trainer.run(
          watchedIn: $0.folder, titled: $0.title, reading: $0.reading, development: development,
          checkpoints: checkpoints, resume: resume, shouldStop: shouldStop, encoding: encoding,
          progress: progress, warning: warning)
      }
      ?? trainer.run(
        development: development, checkpoints: checkpoints, resume: resume, shouldStop: shouldStop,
        encoding: encoding, progress: progress, warning: warning)
    MatrixMemory.releaseKept()  // what the steps computed in
    guard outcome.finished else {
      throw FreshetError(
        .interrupted,
        "stopped after step \(outcome.steps) of \(configuration.steps), kept in "
          + "\(checkpoints.path): go on with --resume")
    }
    if !isSaved {
      let card = modelCard(outcome, data, configuration)
      let passage = outcome.model.parameters
      if let query = outcome.queryModel?.parameters {
        try save(to: destination, query: query, passage: passage, card: card)
      } else {
        try save(to: destination, parameters: passage, card: card)
      }
    }
    let saved = try TextEncoder(folder: destination)
    try? files.removeItem(at: checkpoints)
    return TrainingSummary(
      encoder: saved.fingerprint, steps: outcome.steps, pairs: outcome.pairs,
      loss: outcome.meanLossOfLastTenth, corpusEncodings: outcome.corpusEncodings,
      bestStep: outcome.bestStep,
      bestMetrics: outcome.bestMetrics)
  }

  private func modelCard(
    _ outcome: TrainingOutcome, _ data: TrainingData, _ configuration: TrainingConfiguration
  ) -> ModelCard {
    let base = folder.url.lastPathComponent
    return ModelCard(
      title: "\(base), fine-tuned with Freshet",
      summary: "An encoder for dense retrieval: queries and passages become vectors.",
      baseModel: base, baseFingerprint: fingerprint, tags: ["dense-retrieval", "freshet"],
      data: [.init("Query-passage pairs", "\(data.count)")],
      method: """
        InfoNCE over the passages of a batch and \(configuration.hardNegativesInWords), computed \
        by \(configuration.method.rawValue).
        """,
      hyperparameters: [
        .init("Steps", "\(outcome.steps)"), .init("Pairs per step", "\(configuration.batchSize)"),
        .init("Temperature", "\(configuration.temperature)"),
        .init("Peak learning rate", "\(configuration.learningRate)"),
        .init("Tokens of a query, at most", "\(configuration.maximumQueryLength)"),
        .init("Tokens of a passage, at most", "\(configuration.maximumPassageLength)"),
        .init("Seed", "\(configuration.seed)"),
      ],
      metrics: [
        .init("Mean loss over the last tenth of the steps, nats", "\(outcome.meanLossOfLastTenth)")
      ]
        + outcome.bestMetrics.sorted { $0.key < $1.key }.map {
          .init("\($0.key) on the development set", String(format: "%.4f", $0.value))
        })
  }
}

extension TrainingConfiguration {
  /// The negatives of a query beside its batch's passages.
  fileprivate var hardNegativesInWords: String {
    let given = "\(negativesPerQuery) given negatives per query"
    guard let sampling else { return given }
    let sampled = "\(sampling.perQuery) sampled from the corpus (\(sampling.source.rawValue))"
    return negativesPerQuery == 0 ? sampled + " per query" : given + " and " + sampled
  }
}
