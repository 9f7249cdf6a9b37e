import Encoder
import Foundation
import Tensors
import Training

/// Trains two towers by the engine's own batches, losses, banks, encodings and optimizer.
struct TowerTraining {
  private let run: ExperimentRun
  private let data: RunData
  private let configuration: TrainingConfiguration
  private let composer: BatchComposer
  private let negatives: GivenNegatives
  private let objective: ContrastiveObjective
  private let schedule: LearningRateSchedule

  private(set) var towers: TowerPair
  private var bank: MemoryBank
  private var gradients: [Parameters]
  private(set) var losses: [Double] = []
  private(set) var norms: [TowerNormSample] = []
  private(set) var mass: [MassSample] = []
  private var epochMass = MassTally()

  /// Updates between samples of gradient norms.
  private static let normsEvery = 50

  /// - Throws: `TrainingError` when the run's values do not go together.
  init(_ run: ExperimentRun, _ data: RunData) throws {
    self.run = run
    self.data = data
    let composer = try BatchComposer(
      positives: data.questions.positives, batchSize: run.batchSize, shortBatch: .dropped,
      seed: run.seed)
    let steps = (0..<run.epochs).reduce(0) { $0 + composer.batches(ofEpoch: $1).batches.count }
    self.composer = composer
    configuration = run.configuration(steps: steps)
    try configuration.validate()
    negatives = GivenNegatives(perQuery: run.hardNegatives, seed: run.seed)
    objective = ContrastiveObjective(configuration)
    schedule = LearningRateSchedule(
      peak: run.learningRate, warmupShare: run.warmupShare, totalSteps: steps)
    towers = TowerPair(dimension: data.features.dimension, run: run)
    gradients = [towers.query, towers.passage].map { Parameters(zerosLike: $0.parameters) }
    bank = MemoryBank(capacity: run.bankSize)
  }

  /// Trains to the end.
  ///
  /// - Throws: `ExperimentError` when a loss is not finite.
  mutating func finish() throws {
    for epoch in 0..<run.epochs {
      for batch in composer.batches(ofEpoch: epoch).batches { try update(batch) }
      let mean = epochMass.takeMean()
      if !mean.isEmpty { mass.append(MassSample(epoch: epoch + 1, mass: mean)) }
    }
  }

  /// One update by the pairs at `indices`.
  private mutating func update(_ indices: [Int]) throws {
    let step = losses.count
    losses.append(accumulate(groups(of: indices, step: step)))
    let norms = gradients.map(\.norm)
    let norm = (norms[0] * norms[0] + norms[1] * norms[1]).squareRoot()
    guard losses[step].isFinite, norm.isFinite else {
      throw ExperimentError("update \(step + 1): loss \(losses[step]), gradient norm \(norm)")
    }
    if step % Self.normsEvery == 0 {
      self.norms.append(TowerNormSample(update: step, query: norms[0], passage: norms[1]))
    }
    towers.update(
      gradients, learningRate: schedule.rate(at: step),
      scale: AdamW.clippingScale(norm: norm, limit: run.clipNorm))
    if run.bankScope == .update { bank.clear() }
  }

  /// The losses of an update: which pairs see each other, with negatives drawn.
  private func groups(of indices: [Int], step: Int) -> [(batch: TrainingBatch, pairs: [Int])] {
    stride(from: 0, to: indices.count, by: configuration.groupSize).map { start in
      let part = Array(indices[start..<min(start + configuration.groupSize, indices.count)])
      let pairs = part.map { data.questions.pairs[$0] }
      let drawn = zip(part, pairs).map { negatives.draw(for: $1, index: $0, step: step) }
      return (TrainingBatch(pairs, negatives: drawn), part)
    }
  }

  /// Leaves the gradient of the update in `gradients`; returns the mean loss.
  private mutating func accumulate(
    _ groups: [(batch: TrainingBatch, pairs: [Int])]
  ) -> Double {
    let queryRows = groups.flatMap(\.pairs).map { data.questions.rows[$0] }
    let passageRows = groups.flatMap(\.batch.columns).map { data.places.passages[$0] ?? 0 }
    let (queries, keptQueries) = towers.query.forward(
      data.features.queries.gathering(queryRows))
    let (passages, keptPassages) = towers.passage.forward(
      data.features.passages.gathering(passageRows))
    var pulls = [queries, passages].map { Matrix(rows: $0.rows, columns: $0.columns) }
    let loss = accumulate(groups, queries: queries, passages: passages, into: &pulls)
    for i in gradients.indices { gradients[i].clear() }
    towers.query.backward(pulls[0], keptQueries, into: &gradients[0])
    towers.passage.backward(pulls[1], keptPassages, into: &gradients[1])
    return loss
  }

  /// Leaves the gradients of the embeddings in `pulls`; returns the mean loss.
  private mutating func accumulate(
    _ groups: [(batch: TrainingBatch, pairs: [Int])], queries: Matrix, passages: Matrix,
    into pulls: inout [Matrix]
  ) -> Double {
    var (loss, firstQuery, firstPassage) = (0.0, 0, 0)
    for (batch, _) in groups {
      let (lastQuery, lastPassage) = (firstQuery + batch.rows, firstPassage + batch.columns.count)
      let group = ContrastiveGroup(
        batch: batch,
        rows: .untied(
          query: UpdateRows(embeddings: queries, range: firstQuery..<lastQuery),
          passage: UpdateRows(embeddings: passages, range: firstPassage..<lastPassage)))
      let share = Double(batch.rows) / Double(queries.rows)
      let result = group.accumulate(
        weight: share, objective: objective, bank: &bank, by: configuration.rowEncoding,
        into: &pulls)
      loss += share * result.loss
      epochMass.add(result.massByAge)
      (firstQuery, firstPassage) = (lastQuery, lastPassage)
    }
    return loss
  }
}

/// The mean softmax mass by age over the losses of an epoch.
private struct MassTally {
  private var sums: [Double] = [], counts: [Double] = []

  mutating func add(_ mass: [Double]) {
    // Not in the loop below: Swift 6.3.1 then takes the second array for empty after appending.
    while sums.count < mass.count {
      sums.append(0)
      counts.append(0)
    }
    for age in mass.indices {
      sums[age] += mass[age]
      counts[age] += 1
    }
  }

  /// The means so far; then begins again.
  mutating func takeMean() -> [Double] {
    defer { self = MassTally() }
    return zip(sums, counts).map { $0 / $1 }
  }
}
