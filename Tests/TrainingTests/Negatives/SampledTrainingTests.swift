import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("Training on sampled negatives")
struct SampledTrainingTests {
  let folder: TemporaryFolder
  let place: URL
  let task = ToyTask(count: 18)

  init() throws {
    folder = try TemporaryFolder()
    place = folder.url.appending(path: "run")
  }

  /// Small numbers, so that every interval of the state lies between checkpoints too.
  static func configuration(
    _ source: NegativeSource, _ method: TrainingMethod = .inBatch, steps: Int = 11
  ) -> TrainingConfiguration {
    var configuration = TrainerTests.configuration(method, steps: steps)
    configuration.negativesPerQuery = 0
    configuration.microBatchSize = 2
    configuration.bankSize = method == .contAccum ? 6 : 0
    configuration.checkpointEvery = 3
    var sampling = NegativeSampling(source, perQuery: 3)
    sampling.reEncodeEvery = 4
    sampling.corrector.width = 8
    sampling.corrector.correctEvery = 4
    configuration.sampling = sampling
    return configuration
  }

  @discardableResult
  func run(
    _ trainer: Trainer, steps: Int = .max, encoding: (CorpusProgress) -> Void = { _ in },
    progress: (StepProgress) -> Void = { _ in }, warning: (String) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    let stop = StopAfter(steps)
    return try trainer.run(
      checkpoints: place, resume: true, shouldStop: { stop.ask() }, encoding: encoding,
      progress: progress, warning: warning)
  }

  static let all: [(NegativeSource, TrainingMethod)] = NegativeSource.allCases.flatMap { source in
    TrainingMethod.allCases.map { (source, $0) }
  }

  @Test("every source works with every method, and counts what it costs", arguments: all)
  func works(source: NegativeSource, method: TrainingMethod) throws {
    let log = Log<StepProgress>()
    let outcome = try task.trainer(Self.configuration(source, method)).run(progress: log.add)
    let passages = task.passages.passageCount
    let encodings =
      switch source {
      case .uniform: 0
      case .stale, .corrected: passages
      case .reEncode: 3 * passages  // at the beginning, after 4 and after 8 steps
      }
    #expect(outcome.finished && outcome.corpusEncodings == encodings)
    for step in log.entries {
      let found = try #require(step.negatives)
      #expect(found.drawn == 12)
      #expect((found.staleness == nil) == (source == .uniform))
      #expect((found.correctedStaleness == nil) == (source != .corrected))
      #expect((found.driftLoss == nil) == (source != .corrected))
    }
    #expect(log.entries.last?.negatives?.corpusEncodings == encodings)
  }

  /// Methods whose loss has other rows, and draws in two stages.
  static let stopped: [(NegativeSource, TrainingMethod, candidates: Int?)] = [
    (.uniform, .inBatch, nil), (.stale, .gradCache, nil), (.corrected, .inBatch, nil),
    (.corrected, .contAccum, 8), (.reEncode, .gradAccum, nil), (.reEncode, .inBatch, nil),
  ]

  @Test("stopped at any steps and resumed, a run ends with the same bits", arguments: stopped, 0..<3)
  func resumed(
    test: (source: NegativeSource, method: TrainingMethod, candidates: Int?), trial: Int
  ) throws {
    var configuration = Self.configuration(test.source, test.method)
    configuration.sampling?.corrector.candidates = test.candidates
    let trainer = try task.trainer(configuration)
    let whole = Log<StepProgress>()
    let expected = try trainer.run(progress: whole.add)

    var random = RandomStream(seed: 78, stream: UInt64(trial))
    let (pieces, encoded) = (Log<StepProgress>(), Log<CorpusProgress>())
    var outcome = try run(
      trainer, steps: 3 + random.index(below: 4), encoding: encoded.add, progress: pieces.add)
    while !outcome.finished {
      outcome = try run(
        trainer, steps: 2 + random.index(below: 4), encoding: encoded.add, progress: pieces.add)
    }
    #expect(pieces.entries == whole.entries)
    #expect(outcome.model.parameters == expected.model.parameters)
    #expect(outcome.corpusEncodings == expected.corpusEncodings)
    let passages = task.passages.passageCount
    #expect(
      encoded.entries.filter { $0.passages == passages }.count * passages
        == outcome.corpusEncodings, "nothing is encoded again because a run goes on")
  }

  @Test(
    "killed between checkpoints, it goes on from the last one", arguments: NegativeSource.allCases)
  func killed(source: NegativeSource) throws {
    let configuration = Self.configuration(source)
    let trainer = try task.trainer(configuration)
    let expected = try trainer.run()
    let dying = try Trainer(
      encoder: trainer.encoder, pairs: task.pairs,
      passages: Dying(task.passages, after: source == .uniform ? 70 : 80),
      configuration: configuration)
    #expect(throws: Dying.Dead.self) { try run(dying) }
    let log = Log<StepProgress>()
    let outcome = try run(trainer, progress: log.add)
    let first = try #require(log.entries.first)
    #expect(first.step > 1 && first.step % 3 == 1)
    #expect(outcome.model.parameters == expected.model.parameters)
  }

  /// Gives so many single texts, then fails; going through the corpus costs nothing.
  final class Dying: PassageCorpus {
    struct Dead: Error {}
    private let texts: Texts
    private let dying: CheckpointTests.Dying

    init(_ texts: Texts, after count: Int) {
      self.texts = texts
      dying = CheckpointTests.Dying(texts, after: count)
    }

    var passageCount: Int { texts.passageCount }
    func passage(at index: Int) throws -> (id: String, text: String) {
      try texts.passage(at: index)
    }
    func passageIndex(of id: String) -> Int? { texts.passageIndex(of: id) }
    func text(ofPassage id: String) throws -> String {
      do {
        return try dying.text(ofPassage: id)
      } catch is CheckpointTests.Dying.Dead {
        throw Dead()
      }
    }
  }

  @Test("the encoder's gradient does not know of the corrector, bit for bit")
  func stopGradients() throws {
    func first(
      _ change: (inout TrainingConfiguration) -> Void
    ) throws -> (StepProgress, Parameters) {
      var configuration = Self.configuration(.corrected, steps: 1)
      configuration.warmupShare = 0
      change(&configuration)
      let log = Log<StepProgress>()
      let outcome = try task.trainer(configuration).run(progress: log.add)
      return (try #require(log.entries.first), outcome.model.parameters)
    }
    let off = try first { $0.sampling?.corrector.innerSteps = 0 }
    let on = try first {
      $0.sampling?.corrector.innerSteps = 4
      $0.sampling?.corrector.crossEntropyWeight = 1
      $0.sampling?.corrector.learningRate = 0.1
    }
    #expect(off.1 == on.1 && off.0 == on.0)
    let start = try TextEncoder(folder: TrainingFixture.encoderFolder).model.parameters
    #expect(off.1 != start, "the step moved the encoder")
  }

  @Test("the corrector's gradient does not know of the task's loss, bit for bit")
  func correctorAlone() throws {
    func corrector(_ change: (inout TrainingConfiguration) -> Void) throws -> [[Float]] {
      var configuration = Self.configuration(.corrected, steps: 2)
      configuration.usesDropout = true
      change(&configuration)
      let stop = StopAfter(2)  // asked once more while the corpus is encoded
      let own = folder.url.appending(path: "\(UUID())")
      _ = try task.trainer(configuration).run(checkpoints: own, shouldStop: { stop.ask() })
      let file = try SafetensorsFile(path: own.appending(path: "step-00000001.safetensors").path)
      return try ["w1", "b1", "w2", "b2"].map {
        try file.matrix("negatives.corrector.\($0)").elements
      }
    }
    let plain = try corrector { _ in }
    #expect(plain[2].contains { $0 != 0 }, "it has learned something")
    #expect(try corrector { $0.learningRate = 0.1 } == plain)
    #expect(try corrector { $0.isSymmetric = true } == plain)
    #expect(try corrector { $0.sampling?.corrector.learningRate = 0.1 } != plain)
  }

  @Test("an encoder that does not move leaves the corrector the identity")
  func frozenEncoder() throws {
    var configuration = Self.configuration(.corrected)
    configuration.usesDropout = false
    configuration.learningRate = 1e-30
    let log = Log<StepProgress>()
    _ = try task.trainer(configuration).run(progress: log.add)
    for step in log.entries {
      let found = try #require(step.negatives)
      #expect(try #require(found.driftLoss) < 1e-12 && #require(found.staleness) < 1e-12)
    }
  }

  @Test("staleness begins at nothing and grows; correction takes some of it away")
  func stalenessGrows() throws {
    var configuration = Self.configuration(.corrected, steps: 60)
    configuration.usesDropout = false
    configuration.sampling?.corrector.innerSteps = 4
    let log = Log<StepProgress>()
    _ = try task.trainer(configuration).run(progress: log.add)
    let found = log.entries.compactMap(\.negatives)
    let (stale, corrected) = (
      found.compactMap(\.staleness), found.compactMap(\.correctedStaleness)
    )
    #expect(stale.count == 60 && stale[0] < 1e-10)
    func mean(_ values: ArraySlice<Double>) -> Double { values.reduce(0, +) / Double(values.count) }
    let (early, late) = (mean(stale[5..<15]), mean(stale[50...]))
    #expect(early > 1e-4 && late > 2 * early, "\(early) → \(late)")
    #expect(mean(corrected[50...]) < 0.5 * late, "\(mean(corrected[50...])) of \(late)")
  }

  @Test("with nothing learned, corrected draws are the stale ones")
  func identityDraws() throws {
    var configuration = Self.configuration(.corrected)
    configuration.sampling?.corrector.innerSteps = 0
    let corrected = try task.trainer(configuration).run()
    let stale = try task.trainer(Self.configuration(.stale)).run()
    #expect(corrected.model.parameters == stale.model.parameters)
    configuration.sampling?.corrector.innerSteps = 4
    configuration.sampling?.corrector.learningRate = 0.05
    #expect(try task.trainer(configuration).run().model.parameters != stale.model.parameters)
  }

  @Test("re-encoding at every step draws by fresh embeddings; never, by stale ones")
  func reEncodingLimits() throws {
    var configuration = Self.configuration(.reEncode)
    configuration.usesDropout = false
    configuration.sampling?.reEncodeEvery = 1
    let log = Log<StepProgress>()
    let always = try task.trainer(configuration).run(progress: log.add)
    #expect(log.entries.allSatisfy { ($0.negatives?.staleness ?? 1) < 1e-10 })
    configuration.sampling?.reEncodeEvery = 100
    let never = try task.trainer(configuration).run()
    var stale = Self.configuration(.stale)
    stale.usesDropout = false
    #expect(try task.trainer(stale).run().model.parameters == never.model.parameters)
    #expect(always.model.parameters != never.model.parameters)
  }
}
