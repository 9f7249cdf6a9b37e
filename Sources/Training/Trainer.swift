public import Encoder
public import Foundation
import Tensors

/// Trains an encoder on query-passage pairs: InfoNCE over the batch's passages, AdamW, warm-up and
/// linear decay, clipping.
///
/// One engine with exchangeable pieces: how rows are encoded (``TrainingMethod``), where hard
/// negatives come from (given with the pairs, or sampled: ``NegativeSource``), and the loss over
/// whatever rows these bring. A run is a function of encoder, pairs, texts and configuration: stopped
/// and resumed, it ends with the same bits as a run left alone on the same number of threads.
public final class Trainer: Sendable {
  let encoder: TextEncoder
  let pairs: any PairSource
  let passages: any PassageSource
  let configuration: TrainingConfiguration
  /// What negatives are sampled from, when they are.
  let corpus: (any PassageCorpus)?
  let composer: BatchComposer
  let identity: RunIdentity

  /// - Parameters:
  ///   - encoder: where training starts; it is not changed.
  ///   - pairs: the data, read step by step. Several pairs may share a query or a positive.
  ///   - passages: asked for texts step by step; a ``PassageCorpus`` when negatives are sampled.
  /// - Throws: `TrainingError`: `.invalidConfiguration` naming the value; `.invalidData` when a
  ///   pair has no passage id or there are too few positives for a batch.
  public init(
    encoder: TextEncoder, pairs: any PairSource, passages: any PassageSource,
    configuration: TrainingConfiguration
  ) throws {
    try configuration.validate()
    composer = try BatchComposer(
      positives: pairs.positives, batchSize: configuration.batchSize,
      shortBatch: configuration.shortBatch, seed: configuration.seed)
    try Self.check(configuration, encoder)
    corpus = try Self.corpus(of: passages, configuration)
    self.encoder = encoder
    self.pairs = pairs
    self.passages = passages
    self.configuration = configuration
    identity = RunIdentity(
      configuration: configuration, encoder: encoder.fingerprint, data: pairs.digest)
  }

  /// The passages as what negatives are sampled from; nil when none are.
  private static func corpus(
    of passages: any PassageSource, _ configuration: TrainingConfiguration
  ) throws(TrainingError) -> (any PassageCorpus)? {
    guard let sampling = configuration.sampling else { return nil }
    guard let corpus = passages as? any PassageCorpus else {
      throw TrainingError(
        .invalidConfiguration,
        "sampling.source is \(sampling.source.rawValue), but the passages cannot be gone through; "
          + "give a PassageCorpus")
    }
    return corpus
  }

  /// What depends on both.
  private static func check(
    _ configuration: TrainingConfiguration, _ encoder: TextEncoder
  ) throws(TrainingError) {
    let layers = encoder.model.bert.configuration.layerCount
    guard configuration.frozenLayers ?? 0 <= layers else {
      throw TrainingError(
        .invalidConfiguration,
        "frozenLayers is \(configuration.frozenLayers ?? 0); the encoder has \(layers) layers")
    }
    let widest = configuration.matryoshkaDimensions.max() ?? 0
    guard widest <= encoder.dimension else {
      throw TrainingError(
        .invalidConfiguration,
        "matryoshkaDimensions go up to \(widest); embeddings have \(encoder.dimension) dimensions")
    }
    guard encoder.isTied || configuration.towers == .untied else {
      throw TrainingError(
        .invalidConfiguration,
        "towers is tied; \(encoder.folder.url.path) has a network for queries and one for "
          + "passages, so it must be untied")
    }
  }

  /// Trains on pairs that are held in memory; see ``init(encoder:pairs:passages:configuration:)``.
  public convenience init(
    encoder: TextEncoder, pairs: [TrainingPair], passages: any PassageSource,
    configuration: TrainingConfiguration
  ) throws {
    try self.init(
      encoder: encoder, pairs: PairList(pairs), passages: passages, configuration: configuration)
  }

  /// The networks training starts from: one, or the query's and the passage's.
  var towers: [EmbeddingModel] {
    configuration.towers == .tied
      ? [encoder.model] : [encoder.model(for: .query), encoder.model]
  }

  /// Trains to the last step, until the development set is done no better on, or until told to
  /// stop.
  ///
  /// Stopping, and every `checkpointEvery` steps, writes a checkpoint when there is a folder for
  /// it; so does the end, which makes resuming a finished run return at once.
  ///
  /// - Parameters:
  ///   - development: evaluated on every `evaluateEvery` steps and at the end; the outcome is then
  ///     the weights that did best.
  ///   - checkpoints: a folder of this run's own, made when missing; nil for no checkpoints.
  ///   - resume: go on from the newest whole checkpoint; begin when there is none.
  ///   - clock: seconds since some moment, to say what sampling negatives takes; nil for no such
  ///     account.
  ///   - shouldStop: asked before every step, and while the corpus is encoded.
  ///   - started: told, before the first step, how many steps were done before.
  ///   - encoding: told while the corpus is encoded for sampling negatives.
  ///   - progress: told after every step.
  ///   - warning: told, in one line, of what does not stop the run: a damaged checkpoint, pairs
  ///     that fill no batch.
  /// - Throws: `TrainingError`: `.checkpointExists`, `.checkpointMismatch`, `.damagedCheckpoint`,
  ///   `.notFinite`, `.io`; `EncoderError.io`; what the sources of pairs and passages throw.
  /// - Complexity: per step, three forward passes over the batch's tokens (four with
  ///   `TrainingMethod.gradCache`), plus a pass over the weights.
  public func run(
    development: DevelopmentSet? = nil, checkpoints: URL? = nil, resume: Bool = false,
    clock: (() -> Double)? = nil, shouldStop: @Sendable () -> Bool = { false },
    started: (Int) throws -> Void = { _ in }, encoding: (CorpusProgress) -> Void = { _ in },
    progress: (StepProgress) throws -> Void = { _ in }, warning: (String) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    var identity = identity
    identity.development = development?.digest
    let folder = try checkpoints.map { try CheckpointFolder($0, identity: identity) }
    var state = try initialState(folder, resume: resume, warning: warning)
    try started(state.step)
    let miner = try isDone(state) ? nil : miner(folder)
    var steps = TrainingSteps(self, position: state.position, miner: miner, clock: clock)
    let watch = development.map { DevelopmentWatch($0, self, BestWeights(folder)) }
    var savedStep = state.step
    while !isDone(state), !shouldStop() {
      guard
        try steps.prepare(&state, shouldStop: shouldStop, progress: encoding, warning: warning)
      else { break }
      var step = try steps.take(&state, warning: warning)
      step.evaluation = try watch?.look(at: &state)
      try progress(step)
      if configuration.checkpointEvery > 0, state.step % configuration.checkpointEvery == 0 {
        try folder?.write(state, keeping: configuration.keptCheckpoints)
        savedStep = state.step
      }
    }
    if state.step != savedStep {
      try folder?.write(state, keeping: configuration.keptCheckpoints)
    }
    let finished = isDone(state)
    if finished { try watch?.restoreBest(&state) }
    return outcome(state, finished: finished)
  }

  /// What samples negatives, if anything does.
  private func miner(_ folder: CheckpointFolder?) throws -> NegativeMiner? {
    guard let sampling = configuration.sampling, let corpus else { return nil }
    return try NegativeMiner(sampling, corpus, self, folder: folder)
  }

  /// Whether all steps were done, or enough evaluations in a row were no better.
  private func isDone(_ state: TrainingState) -> Bool {
    if state.step >= configuration.steps { return true }
    guard let patience = configuration.patience, let best = state.best else { return false }
    return best.evaluationsSince >= patience
  }

  private func outcome(_ state: TrainingState, finished: Bool) -> TrainingOutcome {
    TrainingOutcome(
      model: state.towers[state.towers.count - 1],
      queryModel: state.towers.count == 2 ? state.towers[0] : nil, steps: state.step,
      pairs: state.pairs, tokens: state.tokens, lastLoss: state.losses.last ?? 0,
      meanLossOfLastTenth: state.meanLossOfLastTenth,
      corpusEncodings: state.negatives?.encodings, bestStep: state.best?.step,
      bestMetrics: state.best?.metrics ?? [:], finished: finished)
  }

  /// The encoder as it is, or what the newest checkpoint holds.
  private func initialState(
    _ folder: CheckpointFolder?, resume: Bool, warning: (String) -> Void
  ) throws -> TrainingState {
    var state = TrainingState(towers: towers, configuration)
    guard let folder else { return state }
    if resume {
      try folder.restore(&state, warning: warning)
    } else if let last = try folder.steps().last {
      throw TrainingError(
        .checkpointExists,
        "\(folder.url.path) holds a run of \(last) steps; resume it, or remove the folder")
    }
    return state
  }
}
