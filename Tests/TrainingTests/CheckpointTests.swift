import Encoder
import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Training

/// Stops a run after so many steps.
final class StopAfter: Sendable {
  private let left: Mutex<Int>
  init(_ steps: Int) { left = Mutex(steps) }

  func ask() -> Bool {
    left.withLock {
      $0 -= 1
      return $0 < 0
    }
  }
}

@Suite("Checkpoints")
struct CheckpointTests {
  let folder: TemporaryFolder
  let place: URL
  let task = ToyTask(count: 18)

  init() throws {
    folder = try TemporaryFolder()
    place = folder.url.appending(path: "run")
  }

  static func configuration(
    _ method: TrainingMethod = .inBatch, every: Int = 3, kept: Int = 2
  ) -> TrainingConfiguration {
    var configuration = TrainerTests.configuration(method, steps: 11)
    configuration.checkpointEvery = every
    configuration.keptCheckpoints = kept
    return configuration
  }

  /// Runs up to `steps` more steps.
  @discardableResult
  func run(
    _ trainer: Trainer, steps: Int = .max, resume: Bool = true,
    progress: (StepProgress) -> Void = { _ in }, warning: (String) -> Void = { _ in }
  ) throws -> TrainingOutcome {
    let stop = StopAfter(steps)
    return try trainer.run(
      checkpoints: place, resume: resume, shouldStop: { stop.ask() }, progress: progress,
      warning: warning)
  }

  var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() }
  }

  @Test("stopped at any steps and resumed, a run ends with the same bits", arguments: 0..<8)
  func resumedEqualsUninterrupted(trial: Int) throws {
    let trainer = try task.trainer(Self.configuration(trial % 2 == 0 ? .inBatch : .gradCache))
    let whole = Log<StepProgress>()
    let expected = try trainer.run(progress: whole.add)

    var random = RandomStream(seed: 77, stream: UInt64(trial))
    let pieces = Log<StepProgress>()
    var outcome = try run(trainer, steps: random.index(below: 5), progress: pieces.add)
    var runs = 1
    while !outcome.finished {
      #expect(outcome.steps == pieces.entries.count)
      outcome = try run(trainer, steps: 1 + random.index(below: 4), progress: pieces.add)
      runs += 1
    }
    #expect(runs > 2)
    #expect(pieces.entries == whole.entries)
    #expect(outcome.model.parameters == expected.model.parameters)
    #expect(outcome.meanLossOfLastTenth == expected.meanLossOfLastTenth)
    #expect(outcome.pairs == expected.pairs && outcome.tokens == expected.tokens)
  }

  @Test("a run killed between checkpoints goes on from the last one")
  func killed() throws {
    let trainer = try task.trainer(Self.configuration())
    let expected = try trainer.run()
    // A source that fails in the eighth step: nothing is written on the way out.
    let dying = try Trainer(
      encoder: trainer.encoder, pairs: task.pairs, passages: Dying(task.passages, after: 60),
      configuration: Self.configuration())
    #expect(throws: Dying.Dead.self) { try run(dying) }
    let log = Log<StepProgress>()
    let outcome = try run(trainer, progress: log.add)
    let first = try #require(log.entries.first)
    #expect(first.step > 1 && first.step % 3 == 1)
    #expect(outcome.model.parameters == expected.model.parameters)
  }

  /// Gives so many texts, then fails.
  final class Dying: PassageSource {
    struct Dead: Error {}
    private let texts: Texts
    private let left: Mutex<Int>

    init(_ texts: Texts, after count: Int) {
      self.texts = texts
      left = Mutex(count)
    }

    func text(ofPassage id: String) throws -> String {
      try left.withLock {
        $0 -= 1
        if $0 < 0 { throw Dead() }
      }
      return try texts.text(ofPassage: id)
    }
  }

  @Test("the newest are kept; a finished run resumes to itself")
  func pruning() throws {
    let trainer = try task.trainer(Self.configuration())
    let outcome = try run(trainer, resume: false)
    #expect(try files == ["step-00000009.safetensors", "step-00000011.safetensors"])
    let log = Log<StepProgress>()
    let again = try run(trainer, progress: log.add)
    #expect(log.entries.isEmpty && again.finished && again.steps == 11)
    #expect(again.model.parameters == outcome.model.parameters)
    #expect(again.lastLoss == outcome.lastLoss)
  }

  @Test("with no interval, only stopping and the end write")
  func noInterval() throws {
    let trainer = try task.trainer(Self.configuration(every: 0))
    try run(trainer, steps: 5)
    #expect(try files == ["step-00000005.safetensors"])
    try run(trainer)
    #expect(try files == ["step-00000005.safetensors", "step-00000011.safetensors"])
    try FileManager.default.removeItem(at: place)
    try run(trainer, steps: 0)
    #expect(try files.isEmpty)
  }

  @Test("an earlier run is not written over")
  func earlierRun() throws {
    let trainer = try task.trainer(Self.configuration())
    try run(trainer, steps: 4)
    let before = try files
    let error = try trainingError(.checkpointExists) { try run(trainer, resume: false) }
    #expect(error.message.contains(place.path) && error.message.contains("4 steps"))
    #expect(try files == before)
  }

  @Test("what a killed run left half written is cleared away")
  func leftovers() throws {
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for name in [".step-00000003.safetensors.A-B.partial", "notes.txt", "step-x.safetensors"] {
      try folder.write("?", to: "run/" + name)
    }
    try run(try task.trainer(Self.configuration()), steps: 1)
    #expect(try files == ["notes.txt", "step-00000001.safetensors", "step-x.safetensors"])
  }

  /// Ways to damage a file.
  static let damages: [(String, @Sendable (inout Data) -> Void)] = [
    ("cut", { $0.removeLast($0.count / 2) }), ("empty", { $0.removeAll() }),
    ("a weight", { $0[$0.count / 3] ^= 0x40 }), ("the last byte", { $0[$0.count - 1] ^= 1 }),
    (
      "the place",
      {
        guard let range = $0.range(of: Data(#"\"tokens\":"#.utf8)) else { return }
        $0[range.upperBound] = $0[range.upperBound] == 0x31 ? 0x32 : 0x31
      }
    ),
  ]

  @Test("a damaged checkpoint is told of and the one before it used", arguments: damages.map(\.0))
  func damaged(name: String) throws {
    let trainer = try task.trainer(Self.configuration())
    let expected = try trainer.run()
    try run(trainer, steps: 8)
    #expect(try files == ["step-00000006.safetensors", "step-00000008.safetensors"])
    try damage(8, name)
    let (log, warnings) = (Log<StepProgress>(), Log<String>())
    let outcome = try run(trainer, progress: log.add, warning: warnings.add)
    let warning = try #require(warnings.entries.first { $0.contains("checkpoint") })
    #expect(warning.contains("step-00000008.safetensors") && !warning.contains("\n"))
    #expect(log.entries.first?.step == 7)
    #expect(outcome.model.parameters == expected.model.parameters)
  }

  func damage(_ step: Int, _ name: String) throws {
    let file = place.appending(path: "step-0000000\(step).safetensors")
    let original = try Data(contentsOf: file)
    var bytes = original
    try #require(Self.damages.first { $0.0 == name }).1(&bytes)
    try #require(bytes != original)
    try bytes.write(to: file)
  }

  @Test("when none is whole, the run does not silently begin anew")
  func allDamaged() throws {
    let trainer = try task.trainer(Self.configuration())
    try run(trainer, steps: 8)
    try damage(6, "a weight")
    try damage(8, "cut")
    let warnings = Log<String>()
    let error = try trainingError(.damagedCheckpoint) { try run(trainer, warning: warnings.add) }
    #expect(error.message.contains("none of 2") && warnings.entries.count == 2)
    #expect(try files.count == 2, "damaged files are left for the user to look at")
  }

  @Test("another configuration is refused by the names and values that differ")
  func otherConfiguration() throws {
    try run(try task.trainer(Self.configuration()), steps: 2)
    var other = Self.configuration()
    other.learningRate = 0.25
    other.batchSize = 5
    let error = try trainingError(.checkpointMismatch) { try run(try task.trainer(other)) }
    #expect(error.message.contains("batchSize 4, this run has 5"), "\(error.message)")
    #expect(error.message.contains("learningRate 0.002, this run has 0.25"), "\(error.message)")
    #expect(!error.message.contains("seed"))
  }

  @Test("how often checkpoints are written may change")
  func otherInterval() throws {
    let expected = try task.trainer(Self.configuration()).run()
    try run(try task.trainer(Self.configuration()), steps: 2)
    let outcome = try run(try task.trainer(Self.configuration(every: 5, kept: 1)))
    #expect(outcome.model.parameters == expected.model.parameters)
    #expect(try files == ["step-00000011.safetensors"])
  }

  @Test("other data and another encoder are refused")
  func otherDataAndEncoder() throws {
    let trainer = try task.trainer(Self.configuration())
    let outcome = try run(trainer, steps: 2)
    var pairs = task.pairs
    pairs[3].negativeIDs.append("n1")
    let otherData = try Trainer(
      encoder: trainer.encoder, pairs: pairs, passages: task.passages,
      configuration: Self.configuration())
    let dataError = try trainingError(.checkpointMismatch) { try run(otherData) }
    #expect(dataError.message.contains("training pairs"))

    let saved = folder.url.appending(path: "other")
    try trainer.encoder.folder.write(
      to: saved, tensors: outcome.model.parameters.fileTensors(), modelCard: "")
    let otherEncoder = try Trainer(
      encoder: try TextEncoder(folder: saved), pairs: task.pairs, passages: task.passages,
      configuration: Self.configuration())
    let encoderError = try trainingError(.checkpointMismatch) { try run(otherEncoder) }
    #expect(encoderError.message.contains("encoder"))
  }

  @Test("no clipping survives the round trip")
  func infiniteNorm() throws {
    var configuration = Self.configuration()
    configuration.clipNorm = .infinity
    let trainer = try task.trainer(configuration)
    try run(trainer, steps: 2)
    #expect(try run(trainer).finished)
  }

  @Test("a folder that cannot be made is an error naming it")
  func noFolder() throws {
    try folder.write("in the way", to: "run")
    let trainer = try task.trainer(Self.configuration())
    let error = try trainingError(.io) { try run(trainer) }
    #expect(error.message.contains(place.path))
  }
}
