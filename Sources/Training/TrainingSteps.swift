import Encoder
import Tensors

/// The steps of a run, one after the other: compose a batch, encode it, differentiate, update.
struct TrainingSteps {
  private let trainer: Trainer
  private var miner: NegativeMiner?
  private let clock: (() -> Double)?
  /// Seconds spent on the embeddings of the corpus, for the next step's account.
  private var preparing = 0.0
  private let reader: BatchReader
  private let objective: ContrastiveObjective
  private let schedule: LearningRateSchedule
  private let penalty: CorrectabilityPenalty?
  private var gradients: [Parameters]
  /// The batches of the epoch the run is in.
  private var epoch: (number: Int, batches: [[Int]], leftOut: Int)

  private var configuration: TrainingConfiguration { trainer.configuration }

  /// Steps from `position` of the data on.
  ///
  /// - Parameters:
  ///   - miner: samples negatives; nil for none.
  ///   - clock: seconds since some moment, to account for them; nil for no account.
  init(
    _ trainer: Trainer, position: DataPosition, miner: NegativeMiner? = nil,
    clock: (() -> Double)? = nil
  ) {
    self.miner = miner
    self.clock = clock
    let configuration = trainer.configuration
    self.trainer = trainer
    reader = BatchReader(trainer)
    objective = ContrastiveObjective(
      configuration, normalizes: trainer.encoder.model.normalizes)
    schedule = LearningRateSchedule(
      peak: configuration.learningRate, warmupShare: configuration.warmupShare,
      totalSteps: configuration.steps, decay: configuration.decay)
    penalty = configuration.keepCorrectable.map {
      CorrectabilityPenalty(trainer.encoder.model, weight: $0)
    }
    gradients = trainer.towers.map { Parameters(zerosLike: $0.parameters) }
    let first = trainer.composer.batches(ofEpoch: position.epoch)
    epoch = (position.epoch, first.batches, first.leftOut)
  }

  /// Makes ready for the next step: encodes the corpus where negatives need it.
  ///
  /// - Returns: false when told to stop; the step must not be taken then.
  /// - Throws: see ``NegativeMiner/prepare(_:step:initial:current:shouldStop:progress:warning:)``.
  mutating func prepare(
    _ state: inout TrainingState, shouldStop: () -> Bool, progress: (CorpusProgress) -> Void,
    warning: (String) -> Void
  ) throws -> Bool {
    guard var negatives = state.negatives, var miner else { return true }
    defer { self.miner = miner }
    let begun = clock?() ?? 0
    let isReady = try miner.prepare(
      &negatives, step: state.step, initial: trainer.encoder.model,
      current: state.towers[state.towers.count - 1], shouldStop: shouldStop, progress: progress,
      warning: warning)
    state.negatives = negatives
    preparing = (clock?() ?? 0) - begun
    return isReady
  }

  /// Does the next step.
  ///
  /// - Throws: `TrainingError.notFinite`; what the sources of pairs and passages throw. `state` is
  ///   then of no use for further steps.
  mutating func take(
    _ state: inout TrainingState, warning: (String) -> Void
  ) throws -> StepProgress {
    let step = state.step
    let indices = next(&state.position, warning: warning)
    let begun = clock?() ?? 0
    let found = try accumulate(indices, &state)
    let norms = gradients.map(\.norm)
    let norm = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
    try requireFinite(found.loss, norm, step: step)
    let rate = schedule.rate(at: step)
    state.update(
      gradients: gradients, learningRate: rate,
      gradientScale: AdamW.clippingScale(norm: norm, limit: configuration.clipNorm),
      isFrozen: configuration.isFrozen)
    if configuration.bankScope == .update { state.bank.clear() }
    state.losses.append(Float(found.loss))
    state.pairs += indices.count
    state.tokens += found.tokens
    let seconds = clock.map { clock in
      StepSeconds(step: preparing + clock() - begun, sampling: preparing + found.sampling)
    }
    return StepProgress(
      step: state.step, totalSteps: configuration.steps, loss: Float(found.loss),
      gradientNorm: Float(norm), queryPull: Float(found.queryPull.squareRoot()),
      passagePull: Float(found.passagePull.squareRoot()),
      towerNorms: norms.count == 2
        ? TowerNorms(query: Float(norms[0]), passage: Float(norms[1])) : nil,
      bankedExamples: state.bank.count, learningRate: Float(rate), pairsSeen: state.pairs,
      tokensSeen: state.tokens, accuracy: Float(found.accuracy), negatives: found.negatives,
      unforetold: found.unforetold.map { Float($0) }, seconds: found.negatives == nil ? nil : seconds,
      evaluation: nil)
  }

  /// The pairs of the next batch; goes on to the next epoch after the last one.
  private mutating func next(
    _ position: inout DataPosition, warning: (String) -> Void
  ) -> [Int] {
    if position.batch == epoch.batches.count { position = DataPosition(epoch: position.epoch + 1) }
    if position.epoch != epoch.number {
      let next = trainer.composer.batches(ofEpoch: position.epoch)
      epoch = (position.epoch, next.batches, next.leftOut)
    }
    if position == DataPosition(), epoch.leftOut > 0 {
      warning(
        "\(epoch.leftOut) of \(trainer.pairs.count) pairs fill no batch of "
          + "\(configuration.batchSize) and are left out of the first epoch; each epoch has its own"
      )
    }
    defer { position.batch += 1 }
    return epoch.batches[position.batch]
  }

  /// What the losses of an update came to together.
  private struct Found {
    var loss = 0.0, accuracy = 0.0
    /// Sums of squares of the gradients by the embeddings.
    var queryPull = 0.0, passagePull = 0.0
    var tokens = 0
    /// What became of sampled negatives, and the seconds that took.
    var negatives: NegativeProgress?
    var sampling = 0.0
    /// Mean squared distance of the passages from what was foretold of them.
    var unforetold: Double?
  }

  /// Leaves the gradient of the update in `gradients`.
  private mutating func accumulate(
    _ indices: [Int], _ state: inout TrainingState
  ) throws -> Found {
    for tower in gradients.indices { gradients[tower].clear() }
    let models = state.towers.enumerated().map { tower, model in
      PackedModel(
        training: model,
        frozenLayers: configuration.isFrozen(tower: tower)
          ? model.bert.configuration.layerCount : configuration.frozenLayers)
    }
    var found = Found()
    var item = 0
    var targets = DriftTargets()
    let corpus = miner?.corpus
    var penalty = updatePenalty(state)
    let (examples, queries) = try examples(indices, &state, models, &found)
    for start in stride(from: 0, to: indices.count, by: configuration.groupSize) {
      let part = examples[start..<min(start + configuration.groupSize, indices.count)]
      let group = try reader.group(Array(part), step: state.step, firstItem: &item, models: models)
      // Of a short batch the rows weigh what they weigh in a whole one.
      let weight = Double(part.count) / Double(configuration.batchSize)
      let result = group.accumulate(
        weight: weight, objective: objective, bank: &state.bank,
        by: configuration.rowEncoding, into: &gradients
      ) { columns in
        if let corpus { targets.add(group.batch.columns, columns, corpus) }
        return penalty?.gradient(group.rows.passageTokens, columns, share: weight)
      }
      let share = Double(part.count) / Double(indices.count)
      found.loss += share * result.loss
      found.accuracy += share * result.accuracy
      found.queryPull += result.queryGradient.sumOfSquares()
      found.passagePull += result.columnGradient.sumOfSquares()
      found.tokens += group.rows.tokenCount
    }
    learn(from: targets, queries, examples, &state, &found)
    for tower in gradients.indices where configuration.isFrozen(tower: tower) {
      gradients[tower].clear()
    }
    (state.drift, found.unforetold) = (penalty?.learned(), penalty?.distance)
    return found
  }

  /// What keeps the passages of the next update predictable, if anything is to.
  private func updatePenalty(_ state: TrainingState) -> UpdatePenalty? {
    guard let penalty, let map = state.drift else { return nil }
    return UpdatePenalty(
      penalty, map, present: state.towers[state.towers.count - 1],
      promptLength: trainer.encoder.promptLength(for: .passage))
  }

  /// The examples of an update with the negatives sampled for them, and the queries' embeddings
  /// when they were drawn by.
  private mutating func examples(
    _ indices: [Int], _ state: inout TrainingState, _ models: [PackedModel], _ found: inout Found
  ) throws -> ([BatchExample], queries: Matrix?) {
    var examples = try reader.examples(indices)
    guard var negatives = state.negatives else { return (examples, nil) }
    let begun = clock?() ?? 0
    let queries = miner?.needsQueries == true
      ? reader.queryEmbeddings(examples, by: models[0]) : nil
    let drawn = try miner?.draw(for: examples, queries: queries, step: state.step, &negatives)
    for (i, drawn) in (drawn ?? []).enumerated() { examples[i].add(drawn) }
    state.negatives = negatives
    found.sampling += (clock?() ?? 0) - begun
    return (examples, queries)
  }

  /// Lets the corrector learn from what the update encoded.
  private func learn(
    from targets: DriftTargets, _ queries: Matrix?, _ examples: [BatchExample],
    _ state: inout TrainingState, _ found: inout Found
  ) {
    guard let miner, var negatives = state.negatives else { return }
    let begun = clock?() ?? 0
    found.negatives = miner.learn(
      from: targets, queries: queries, drawn: examples.reduce(0) { $0 + $1.sampled.count },
      &negatives)
    state.negatives = negatives
    found.sampling += (clock?() ?? 0) - begun
  }

  private func requireFinite(_ loss: Double, _ norm: Double, step: Int) throws(TrainingError) {
    guard !loss.isFinite || !norm.isFinite else { return }
    throw TrainingError(
      .notFinite,
      "step \(step + 1): loss \(loss), gradient norm \(norm); a lower learning rate or a higher "
        + "temperature may help (\(configuration.learningRate), \(configuration.temperature))")
  }
}

extension TrainingConfiguration {
  /// How the rows of each loss are encoded: whole, or in chunks where the method or a bound on
  /// tokens asks for it. Either gives the gradient of the same loss.
  package var rowEncoding: any RowEncoding {
    guard method == .gradCache || chunkTokens != nil else { return WholeBatch() }
    return GradCache(
      chunkRows: method == .gradCache ? chunkRows : .max, chunkTokens: chunkTokens,
      keptTokens: keptTokens)
  }
}
