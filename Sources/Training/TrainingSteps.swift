import Encoder
import Tensors

/// The steps of a run, one after the other: compose a batch, encode it, differentiate, update.
struct TrainingSteps {
  private let trainer: Trainer
  private let rowEncoding: any RowEncoding
  private let negatives: GivenNegatives
  private let loss: InfoNCE
  private let schedule: LearningRateSchedule
  private var gradients: Parameters
  /// The batches of the epoch the run is in.
  private var epoch: (number: Int, batches: [[Int]], leftOut: Int)

  private var configuration: TrainingConfiguration { trainer.configuration }

  /// Steps from `position` of the data on.
  init(_ trainer: Trainer, position: DataPosition) {
    let configuration = trainer.configuration
    self.trainer = trainer
    switch configuration.method {
    case .inBatch: rowEncoding = WholeBatch()
    case .gradCache: rowEncoding = GradCache(chunkRows: configuration.chunkRows)
    }
    negatives = GivenNegatives(
      perQuery: configuration.negativesPerQuery, seed: configuration.seed)
    loss = InfoNCE(temperature: configuration.temperature)
    schedule = LearningRateSchedule(
      peak: configuration.learningRate, warmupShare: configuration.warmupShare,
      totalSteps: configuration.steps)
    gradients = Parameters(zerosLike: trainer.encoder.model.parameters)
    let first = trainer.composer.batches(ofEpoch: position.epoch)
    epoch = (position.epoch, first.batches, first.leftOut)
  }

  /// Does the next step.
  ///
  /// - Throws: `TrainingError.notFinite`; what the passage source throws. `state` is then that of
  ///   the step before, its data position aside.
  mutating func take(
    _ state: inout TrainingState, warning: (String) -> Void
  ) throws -> StepProgress {
    let step = state.step
    let batch = TrainingBatch(
      next(&state.position, warning: warning), of: trainer.pairs, step: step, negatives: negatives)
    let rows = try self.rows(of: batch, step: step)
    let result = accumulate(batch, rows, model: PackedModel(training: state.model))
    let norm = gradients.norm
    try requireFinite(result.loss, norm, step: step)
    let rate = schedule.rate(at: step)
    state.optimizer.update(
      &state.model.parameters, gradients: gradients, learningRate: rate,
      gradientScale: AdamW.clippingScale(norm: norm, limit: configuration.clipNorm))
    state.losses.append(Float(result.loss))
    state.pairs += batch.pairs.count
    state.tokens += rows.tokenCount
    return StepProgress(
      step: state.step, totalSteps: configuration.steps, loss: Float(result.loss),
      gradientNorm: Float(norm), learningRate: Float(rate), pairsSeen: state.pairs,
      tokensSeen: state.tokens, accuracy: Float(result.accuracy))
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

  /// Reads and tokenizes the texts: queries first, then passages.
  private func rows(of batch: TrainingBatch, step: Int) throws -> EncoderRows {
    let queries = batch.pairs.map {
      trainer.encoder.tokenize(
        trainer.pairs[$0].query, as: .query, maximumLength: configuration.maximumQueryLength
      ).ids
    }
    let passages = try batch.columns.map {
      trainer.encoder.tokenize(
        try trainer.passages.text(ofPassage: $0), as: .passage,
        maximumLength: configuration.maximumPassageLength
      ).ids
    }
    let lengths =
      queries.map { _ in trainer.encoder.promptLength(for: .query) }
      + passages.map { _ in trainer.encoder.promptLength(for: .passage) }
    return EncoderRows(
      tokens: queries + passages, promptLengths: lengths, seed: configuration.seed, step: step,
      usesDropout: configuration.usesDropout)
  }

  /// Leaves the gradient of the batch's loss in `gradients`.
  private mutating func accumulate(
    _ batch: TrainingBatch, _ rows: EncoderRows, model: PackedModel
  ) -> InfoNCE.Result {
    gradients.clear()
    return contrastiveGradient(
      of: batch, rows, model: model, loss: loss, by: rowEncoding, into: &gradients)
  }

  private func requireFinite(_ loss: Double, _ norm: Double, step: Int) throws(TrainingError) {
    guard !loss.isFinite || !norm.isFinite else { return }
    throw TrainingError(
      .notFinite,
      "step \(step + 1): loss \(loss), gradient norm \(norm); a lower learning rate or a higher "
        + "temperature may help (\(configuration.learningRate), \(configuration.temperature))")
  }
}

/// Adds the gradient of a batch's loss to `gradients`: queries against all passages of the batch.
func contrastiveGradient(
  of batch: TrainingBatch, _ rows: EncoderRows, model: PackedModel, loss: InfoNCE,
  by encoding: any RowEncoding, into gradients: inout Parameters
) -> InfoNCE.Result {
  let queries = batch.pairs.count
  var result: InfoNCE.Result?
  encoding.accumulate(rows, model: model, into: &gradients) { embeddings in
    let evaluated = loss.evaluate(
      queries: embeddings[rows: 0..<queries], columns: embeddings[rows: queries..<embeddings.rows],
      labels: Array(0..<queries), excluded: batch.excluded)
    result = evaluated
    return .concatenatingRows([evaluated.queryGradient, evaluated.columnGradient])
  }
  guard let result else { preconditionFailure("the encoding asked for no loss") }
  return result
}
