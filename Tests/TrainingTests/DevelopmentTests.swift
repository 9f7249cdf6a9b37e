import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Encoder
@testable import Training

@Suite("Evaluation during training")
struct DevelopmentTests {
  let task = ToyTask(count: 30)

  func configuration(steps: Int = 40, every: Int = 10) -> TrainingConfiguration {
    var configuration = TrainerTests.configuration(steps: steps)
    configuration.learningRate = 5e-3
    configuration.evaluateEvery = every
    configuration.checkpointEvery = 7
    return configuration
  }

  func development(_ count: Int = 30) throws -> DevelopmentSet {
    let pairs = task.pairs.prefix(count)
    return try DevelopmentSet(
      queries: pairs.map { .init(id: $0.queryID, text: $0.query) },
      passageIDs: task.passages.texts.keys.sorted(), passages: task.passages,
      qrels: Qrels(
        judgements: Dictionary(
          uniqueKeysWithValues: pairs.map { ($0.queryID, [$0.positiveID: 1]) })))
  }

  @Test("evaluated when due and at the end, the best weights come out")
  func best() throws {
    let log = Log<StepProgress>()
    let trainer = try task.trainer(configuration(steps: 43))
    let outcome = try trainer.run(development: development(), progress: log.add)
    let scores = log.entries.compactMap { entry in entry.evaluation.map { (entry.step, $0) } }
    #expect(scores.map(\.0) == [10, 20, 30, 40, 43])
    let best = try #require(scores.max { $0.1.value < $1.1.value })
    #expect(best.1.value > 0.3 && best.1.name == "ndcg@10")
    #expect(outcome.bestMetrics == best.1.metrics)
    let found = try development().metrics(
      of: [outcome.model], trainer.encoder, trainer.configuration)
    #expect(found == best.1.metrics)
  }

  @Test("patience ends a run that gets no better, resumed or not")
  func patience() throws {
    var configuration = configuration(steps: 400, every: 5)
    configuration.learningRate = 1e-9  // nothing is learned, so the first evaluation stays the best
    configuration.patience = 3
    let trainer = try task.trainer(configuration)
    let whole = try trainer.run(development: development())
    #expect(whole.steps == 20 && whole.finished && whole.bestStep == 5)

    let folder = try TemporaryFolder()
    let place = folder.url.appending(path: "run")
    let stop = StopAfter(13)
    let part = try trainer.run(
      development: development(), checkpoints: place, shouldStop: { stop.ask() })
    #expect(!part.finished && part.steps == 13)
    let rest = try trainer.run(development: development(), checkpoints: place, resume: true)
    #expect(rest.steps == 20 && rest.bestStep == 5)
    #expect(rest.model.parameters == whole.model.parameters)
  }

  @Test("killed between the best weights and the next checkpoint, a run ends the same")
  func resumedBest() throws {
    let trainer = try task.trainer(configuration(steps: 30, every: 4))
    let whole = try trainer.run(development: development())
    struct Killed: Error {}
    let folder = try TemporaryFolder()
    let place = folder.url.appending(path: "run")
    for kill in [5, 9, 13, 18, 26] {
      #expect(throws: Killed.self) {
        try trainer.run(
          development: development(), checkpoints: place, resume: true,
          progress: { if $0.step == kill { throw Killed() } })
      }
    }
    let rest = try trainer.run(development: development(), checkpoints: place, resume: true)
    #expect(rest.finished && rest.bestStep == whole.bestStep)
    #expect(rest.bestMetrics == whole.bestMetrics)
    #expect(rest.model.parameters == whole.model.parameters)
  }

  @Test("another development set is another run")
  func identity() throws {
    let folder = try TemporaryFolder()
    let place = folder.url.appending(path: "run")
    let trainer = try task.trainer(configuration(steps: 3))
    _ = try trainer.run(development: development(), checkpoints: place)
    try trainingError(.checkpointMismatch) {
      _ = try trainer.run(development: development(29), checkpoints: place, resume: true)
    }
  }

  @Test("a set that cannot be evaluated is refused")
  func refused() throws {
    let qrels = Qrels(judgements: ["q": ["p": 1], "r": ["p": 0]])
    func make(_ queries: [String], _ passages: [String]) throws {
      _ = try DevelopmentSet(
        queries: queries.map { .init(id: $0, text: $0) }, passageIDs: passages,
        passages: Texts(["p": "text"]), qrels: qrels)
    }
    try make(["q"], ["p"])
    try trainingError(.invalidData) { try make([], ["p"]) }
    try trainingError(.invalidData) { try make(["q"], []) }
    #expect(try trainingError(.invalidData) { try make(["q", "r"], ["p"]) }.message.contains("\"r\""))
    try trainingError(.invalidData) { try make(["q"], ["other"]) }
  }
}
