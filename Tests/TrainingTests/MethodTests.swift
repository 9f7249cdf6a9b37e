import Tensors
import TestSupport
import Testing

@testable import Encoder
@testable import Training

@Suite("Methods, towers and frozen parts")
struct MethodTests {
  let task = ToyTask(count: 40)

  static func configuration(
    _ method: TrainingMethod, batch: Int = 8, steps: Int = 6
  ) -> TrainingConfiguration {
    var configuration = TrainerTests.configuration(method, steps: steps)
    configuration.batchSize = batch
    configuration.microBatchSize = 4
    configuration.bankSize = method == .contAccum ? 12 : 0
    return configuration
  }

  @Test("tied towers: the gradient is the sum of what two equal towers get")
  func tiedIsTheSum() throws {
    let model = try TextEncoder(folder: TrainingFixture.encoderFolder).model
    let pairs = Array(task.pairs.prefix(2)) + [task.pairs[4]]
    let batch = TrainingBatch(pairs, negatives: pairs.map { [$0.negativeIDs[0]] })
    let tokens: [[Int32]] = (0..<batch.rows + batch.columns.count).map { [2, Int32(5 + $0), 9, 3] }
    let keys = tokens.indices.map { Dropout.key(seed: 1, step: 2, item: $0) }
    let packed = PackedModel(training: model)
    func rows(_ range: Range<Int>) -> EncoderRows {
      EncoderRows(
        tokens: Array(tokens[range]), dropoutKeys: Array(keys[range]), model: packed)
    }
    func gradients(_ rows: TowerRows<EncoderRows>, towers: Int) -> [Parameters] {
      var bank = MemoryBank(capacity: 0)
      var gradients = (0..<towers).map { _ in Parameters(zerosLike: model.parameters) }
      _ = ContrastiveGroup(batch: batch, rows: rows).accumulate(
        weight: 1, objective: GradCacheTests.objective, bank: &bank, by: WholeBatch(),
        into: &gradients)
      return gradients
    }
    let tied = gradients(.tied(rows(0..<tokens.count), queries: 3), towers: 1)[0]
    let split = gradients(
      .untied(query: rows(0..<3), passage: rows(3..<tokens.count)), towers: 2)
    var sum = split[0]
    for i in sum.values.indices { sum.values[i].add(split[1].values[i], scaledBy: 1) }
    #expect(relativeDifference(sum, tied) < 1e-6)
    #expect(relativeDifference(split[0], tied) > 0.05)
    #expect(relativeDifference(split[1], tied) > 0.05)
  }

  @Test("frozen passages keep every bit and no dropout, while queries are trained")
  func frozenPassages() throws {
    var configuration = TrainerTests.configuration(steps: 6)
    configuration.towers = .untied
    configuration.freezesPassages = true
    configuration.keepCorrectable = 0
    let log = Log<StepProgress>()
    let trainer = try ToyTask(count: 18).trainer(configuration)
    let outcome = try trainer.run(progress: log.add)
    let start = trainer.encoder.model.parameters
    #expect(outcome.model.parameters == start)
    #expect(try #require(outcome.queryModel).parameters != start)
    // What stood still is foretold by what was, but for the rounding of another batch.
    #expect(log.entries.allSatisfy { ($0.unforetold ?? 1) < 1e-10 })
    #expect(log.entries.allSatisfy { $0.towerNorms?.passage == 0 })
    configuration.towers = .tied
    let error = try trainingError(.invalidConfiguration) { try configuration.validate() }
    #expect(error.message.contains("towers"))
  }

  @Test("untied towers part, are both trained and reported", arguments: TrainingMethod.allCases)
  func untied(method: TrainingMethod) throws {
    var configuration = Self.configuration(method)
    configuration.towers = .untied
    let log = Log<StepProgress>()
    let trainer = try task.trainer(configuration)
    let outcome = try trainer.run(progress: log.add)
    let start = trainer.encoder.model.parameters
    let query = try #require(outcome.queryModel)
    #expect(query.parameters != outcome.model.parameters)
    #expect(query.parameters != start && outcome.model.parameters != start)
    for step in log.entries {
      let norms = try #require(step.towerNorms)
      let together = (norms.query * norms.query + norms.passage * norms.passage).squareRoot()
      #expect(abs(together - step.gradientNorm) < 1e-4 * step.gradientNorm)
      #expect(norms.ratio == norms.passage / norms.query)
    }
  }

  @Test("tied towers report one norm, and what both sides are told")
  func pulls() throws {
    let log = Log<StepProgress>()
    let outcome = try task.trainer(Self.configuration(.inBatch)).run(progress: log.add)
    #expect(outcome.queryModel == nil)
    #expect(log.entries.allSatisfy { $0.towerNorms == nil && $0.queryPull > 0 && $0.passagePull > 0 })
  }

  @Test("accumulation sees less: its gradient is not the batch's")
  func accumulationIsNotTheBatch() throws {
    func outcome(_ method: TrainingMethod) throws -> Parameters {
      var configuration = Self.configuration(method, steps: 2)
      configuration.warmupShare = 0
      return try task.trainer(configuration).run().model.parameters
    }
    let whole = try outcome(.inBatch)
    // Adam's first steps make much of rounding, so the two are compared with each other.
    let cached = relativeDifference(try outcome(.gradCache), whole)
    let accumulated = relativeDifference(try outcome(.gradAccum), whole)
    #expect(cached < 1e-3 && accumulated > 10 * cached, "\(cached), \(accumulated)")
  }

  @Test("a batch that is one micro-batch is in-batch training, to the last bit")
  func oneMicroBatch() throws {
    var accumulated = Self.configuration(.gradAccum, batch: 4)
    accumulated.microBatchSize = 4
    let plain = try task.trainer(Self.configuration(.inBatch, batch: 4)).run()
    let other = try task.trainer(accumulated).run()
    #expect(other.model.parameters == plain.model.parameters)
  }

  @Test("frozen parts keep their weights, the others move", arguments: [nil, 0, 1, 2] as [Int?])
  func frozen(layers: Int?) throws {
    var configuration = Self.configuration(.gradCache)
    configuration.frozenLayers = layers
    let trainer = try task.trainer(configuration)
    let start = trainer.encoder.model.parameters
    let outcome = try trainer.run().model.parameters
    let kept = zip(start.slots, zip(start.values, outcome.values)).filter { $1.0 == $1.1 }.map(\.0.name)
    let expected = start.slots.map(\.name).filter { name in
      guard let layers else { return false }
      return name.hasPrefix("embeddings.")
        || (0..<layers).contains { name.hasPrefix("encoder.layer.\($0).") }
    }
    #expect(kept.filter { !$0.hasSuffix("key.bias") } == expected)
  }

  @Test("frozen parts do not change the gradient of the others")
  func frozenGradient() throws {
    let model = try TextEncoder(folder: TrainingFixture.encoderFolder).model
    let tokens = PackedTokens([[2, 7, 8, 3], [2, 9, 3]])
    func gradient(_ layers: Int?) -> Parameters {
      let packed = PackedModel(training: model, frozenLayers: layers)
      var gradients = Parameters(zerosLike: model.parameters)
      let (embeddings, kept) = packed.forwardKeeping(tokens, dropout: nil)
      packed.backward(embeddings, kept, into: &gradients)
      return gradients
    }
    let (all, some) = (gradient(nil), gradient(1))
    let frozen = model.bert.slotCount(below: 1)
    #expect(some.values[frozen...].elementsEqual(all.values[frozen...]))
    #expect(some.values[..<frozen].allSatisfy { $0.sumOfSquares() == 0 })
  }

  @Test("more frozen layers than there are is refused")
  func tooManyFrozen() throws {
    var configuration = Self.configuration(.inBatch)
    configuration.frozenLayers = 99
    let error = try trainingError(.invalidConfiguration) { _ = try task.trainer(configuration) }
    #expect(error.message.contains("99"))
  }

  @Test("a short last batch weighs less in proportion")
  func shortBatch() throws {
    // 5 pairs, batches of 4: the second batch of each epoch is one pair, alone with its negatives.
    let small = ToyTask(count: 6)
    let pairs = small.pairs.filter { $0.queryID != "q2" && $0.queryID != "q5" }
    var configuration = Self.configuration(.inBatch, batch: 3, steps: 4)
    configuration.shortBatch = .scaled
    configuration.clipNorm = .infinity
    let log = Log<StepProgress>()
    let trainer = try Trainer(
      encoder: try TextEncoder(folder: TrainingFixture.encoderFolder), pairs: pairs,
      passages: small.passages, configuration: configuration)
    _ = try trainer.run(progress: log.add)
    #expect(log.entries.map(\.pairsSeen) == [3, 4, 7, 8])
  }
}
