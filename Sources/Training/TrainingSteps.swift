import Encoder
import Tensors

/// The steps of a run, one after the other: compose a batch, encode it, differentiate, update.
struct TrainingSteps {
  private let trainer: Trainer
  private let reader: BatchReader
  private let objective: ContrastiveObjective
  private let schedule: LearningRateSchedule
  private var gradients: [Parameters]
  /// The batches of the epoch the run is in.
  private var epoch: (number: Int, batches: [[Int]], leftOut: Int)

  private var configuration: TrainingConfiguration { trainer.configuration }

  /// Steps from `position` of the data on.
  init(_ trainer: Trainer, position: DataPosition) {
    let configuration = trainer.configuration
    self.trainer = trainer
    reader = BatchReader(trainer)
    objective = ContrastiveObjective(
      configuration, normalizes: trainer.encoder.model.normalizes)
    schedule = LearningRateSchedule(
      peak: configuration.learningRate, warmupShare: configuration.warmupShare,
      totalSteps: configuration.steps, decay: configuration.decay)
    gradients = trainer.towers.map { Parameters(zerosLike: $0.parameters) }
    let first = trainer.composer.batches(ofEpoch: position.epoch)
    epoch = (position.epoch, first.batches, first.leftOut)
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
    let found = try accumulate(indices, &state)
    let norms = gradients.map(\.norm)
    let norm = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
    try requireFinite(found.loss, norm, step: step)
    let rate = schedule.rate(at: step)
    state.update(
      gradients: gradients, learningRate: rate,
      gradientScale: AdamW.clippingScale(norm: norm, limit: configuration.clipNorm))
    if configuration.bankScope == .update { state.bank.clear() }
    state.losses.append(Float(found.loss))
    state.pairs += indices.count
    state.tokens += found.tokens
    return StepProgress(
      step: state.step, totalSteps: configuration.steps, loss: Float(found.loss),
      gradientNorm: Float(norm), queryPull: Float(found.queryPull.squareRoot()),
      passagePull: Float(found.passagePull.squareRoot()),
      towerNorms: norms.count == 2
        ? TowerNorms(query: Float(norms[0]), passage: Float(norms[1])) : nil,
      bankedExamples: state.bank.count, learningRate: Float(rate), pairsSeen: state.pairs,
      tokensSeen: state.tokens, accuracy: Float(found.accuracy), evaluation: nil)
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
  }

  /// Leaves the gradient of the update in `gradients`.
  private mutating func accumulate(
    _ indices: [Int], _ state: inout TrainingState
  ) throws -> Found {
    for tower in gradients.indices { gradients[tower].clear() }
    let models = state.towers.map { PackedModel(training: $0, frozenLayers: configuration.frozenLayers) }
    var found = Found()
    var item = 0
    for start in stride(from: 0, to: indices.count, by: configuration.groupSize) {
      let part = indices[start..<min(start + configuration.groupSize, indices.count)]
      let group = try reader.group(Array(part), step: state.step, firstItem: &item, models: models)
      // Of a short batch the rows weigh what they weigh in a whole one.
      let weight = Double(part.count) / Double(configuration.batchSize)
      let result = group.accumulate(
        weight: weight, objective: objective, bank: &state.bank,
        by: configuration.rowEncoding, into: &gradients)
      let share = Double(part.count) / Double(indices.count)
      found.loss += share * result.loss
      found.accuracy += share * result.accuracy
      found.queryPull += result.queryGradient.sumOfSquares()
      found.passagePull += result.columnGradient.sumOfSquares()
      found.tokens += group.rows.tokenCount
    }
    return found
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
