import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Trainer")
struct TrainerTests {
  static func configuration(
    _ method: TrainingMethod = .inBatch, steps: Int = 12
  ) -> TrainingConfiguration {
    TrainingConfiguration(
      method: method, batchSize: 4, steps: steps, temperature: 0.1, learningRate: 2e-3,
      chunkRows: 3, seed: 8)
  }

  @Test("the loss goes down, the facts add up", arguments: [TrainingMethod.inBatch, .gradCache])
  func learns(method: TrainingMethod) throws {
    var configuration = Self.configuration(method, steps: 200)
    configuration.learningRate = 5e-3
    let log = Log<StepProgress>()
    let outcome = try ToyTask(count: 30).trainer(configuration).run(progress: log.add)
    let losses = log.entries.map(\.loss)
    let early = losses.prefix(10).reduce(0, +) / 10  // about log 8: nothing learned yet
    #expect(outcome.meanLossOfLastTenth < 0.5 * early, "\(early) → \(outcome.meanLossOfLastTenth)")
    #expect(outcome.finished && outcome.steps == 200 && outcome.pairs == 800)
    #expect(outcome.lastLoss == losses.last)
    #expect(abs(outcome.meanLossOfLastTenth - losses.suffix(20).reduce(0, +) / 20) < 1e-6)
    #expect(log.entries.map(\.step) == Array(1...200))
    #expect(log.entries.map(\.pairsSeen) == (1...200).map { $0 * 4 })
    #expect(log.entries.last?.tokensSeen == outcome.tokens)
    #expect(log.entries.last?.fractionCompleted == 1)
    #expect(log.entries.allSatisfy { (0...1).contains($0.accuracy) && $0.gradientNorm > 0 })
  }

  @Test("both methods train alike, dropout on")
  func methodsAgree() throws {
    let task = ToyTask(count: 20)
    let plain = try task.trainer(Self.configuration(.inBatch)).run()
    let cached = try task.trainer(Self.configuration(.gradCache)).run()
    #expect(abs(plain.lastLoss - cached.lastLoss) < 1e-3)
    #expect(plain.tokens == cached.tokens)
    #expect(relativeDifference(plain.model.parameters, cached.model.parameters) < 1e-3)
  }

  @Test("a run is a function of its seed; the encoder it starts from stays as it is")
  func deterministic() throws {
    let task = ToyTask(count: 20)
    let trainer = try task.trainer(Self.configuration(steps: 5))
    let before = trainer.encoder.model.parameters
    let (first, second) = (try trainer.run(), try trainer.run())
    #expect(first.model.parameters == second.model.parameters)
    #expect(trainer.encoder.model.parameters == before)
    var other = Self.configuration(steps: 5)
    other.seed = 9
    #expect(try task.trainer(other).run().model.parameters != first.model.parameters)
    other = Self.configuration(steps: 5)
    other.usesDropout = false
    #expect(try task.trainer(other).run().model.parameters != first.model.parameters)
  }

  @Test("the trained encoder can be saved and read back")
  func saves() throws {
    let trainer = try ToyTask(count: 20).trainer(Self.configuration(steps: 5))
    let outcome = try trainer.run()
    let folder = try TemporaryFolder()
    let place = folder.url.appending(path: "trained")
    try trainer.encoder.folder.write(
      to: place, tensors: outcome.model.parameters.fileTensors(), modelCard: "trained")
    let saved = try TextEncoder(folder: place)
    #expect(saved.model.parameters == outcome.model.parameters)
    #expect(saved.fingerprint != trainer.encoder.fingerprint)
  }

  @Test("pairs that fill no batch are told of, once")
  func leftOut() throws {
    var pairs = ToyTask(count: 20).pairs
    // Those that share a positive go: 14 pairs with 14 positives stay.
    pairs.removeAll { ["q2", "q5", "q8", "q11", "q14", "q17"].contains($0.queryID) }
    let warnings = Log<String>()
    let trainer = try Trainer(
      encoder: try TextEncoder(folder: TrainingFixture.encoderFolder), pairs: pairs,
      passages: ToyTask(count: 20).passages, configuration: Self.configuration(steps: 7))
    _ = try trainer.run(warning: warnings.add)
    #expect(warnings.entries.count == 1)
    #expect(warnings.entries[0].contains("2 of 14 pairs"))
  }

  @Test("a passage the source does not know stops the run with the source's error")
  func unknownPassage() throws {
    var pairs = ToyTask(count: 4).pairs
    pairs[3].negativeIDs = ["nowhere"]
    var configuration = Self.configuration()
    configuration.batchSize = 3
    configuration.steps = 40
    let trainer = try Trainer(
      encoder: try TextEncoder(folder: TrainingFixture.encoderFolder), pairs: pairs,
      passages: ToyTask(count: 4).passages, configuration: configuration)
    #expect(throws: Texts.Unknown(id: "nowhere")) { try trainer.run() }
  }

  @Test("a run that diverges is stopped, not saved as NaN")
  func divergence() throws {
    var configuration = Self.configuration(steps: 50)
    configuration.learningRate = 1e30
    configuration.weightDecay = 0
    let trainer = try ToyTask(count: 20).trainer(configuration)
    let error = try trainingError(.notFinite) { _ = try trainer.run() }
    #expect(error.message.contains("step") && error.message.contains("1e+30"))
  }

  @Test("values out of range are refused by name")
  func validation() throws {
    let changes: [(String, (inout TrainingConfiguration) -> Void)] = [
      ("steps", { $0.steps = 0 }), ("batchSize", { $0.batchSize = 0 }),
      ("negativesPerQuery", { $0.negativesPerQuery = -1 }),
      ("batchSize", { $0.batchSize = 1; $0.negativesPerQuery = 0 }),
      ("temperature", { $0.temperature = 0 }), ("temperature", { $0.temperature = .nan }),
      ("learningRate", { $0.learningRate = -1 }), ("learningRate", { $0.learningRate = .infinity }),
      ("warmupShare", { $0.warmupShare = 1.1 }), ("warmupShare", { $0.warmupShare = .nan }),
      ("weightDecay", { $0.weightDecay = -0.1 }), ("clipNorm", { $0.clipNorm = 0 }),
      ("maximumQueryLength", { $0.maximumQueryLength = 2 }),
      ("maximumPassageLength", { $0.maximumPassageLength = 2 }),
      ("chunkRows", { $0.chunkRows = 0 }), ("checkpointEvery", { $0.checkpointEvery = -1 }),
      ("keptCheckpoints", { $0.keptCheckpoints = 0 }),
    ]
    for (name, change) in changes {
      var configuration = Self.configuration()
      change(&configuration)
      let error = try trainingError(.invalidConfiguration) { try configuration.validate() }
      #expect(error.message.hasPrefix(name), "\(error.message)")
      #expect(throws: TrainingError.self) { try ToyTask(count: 9).trainer(configuration) }
    }
    try Self.configuration().validate()
  }

  @Test("a pair without a positive is refused by number and query")
  func missingPositive() throws {
    var pairs = ToyTask(count: 9).pairs
    pairs[6].positiveID = ""
    let encoder = try TextEncoder(folder: TrainingFixture.encoderFolder)
    let error = try trainingError(.invalidData) {
      _ = try Trainer(
        encoder: encoder, pairs: pairs, passages: ToyTask(count: 9).passages,
        configuration: Self.configuration())
    }
    #expect(error.message.contains("pair 7") && error.message.contains("q6"))
  }
}
