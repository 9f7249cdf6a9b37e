import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

/// Made-up runs, written as real ones are; tools/check-report looks at them in a browser.
struct ReportSamples {
  let folder: URL

  /// A run whose curves are those of a real one: noisy, falling, evaluated now and then.
  struct Course {
    var steps: Int, seed: UInt64 = 3
    var evaluateEvery = 0, warmup = 0.1
    var isUntied = false, isBanked = false

    func score(_ step: Int) -> Double {
      var random = RandomStream(seed: seed &+ UInt64(step) &* 7_000_003)
      let done = Double(step) / Double(steps)
      return 0.55 - 0.25 * exp(-5 * done) - 0.06 * done * done + 0.004 * random.normal()
    }

    func progress(_ step: Int) -> StepProgress {
      var random = RandomStream(seed: seed &+ UInt64(step) &* 1_000_003)
      let done = Double(step) / Double(steps)
      let noise = random.normal()
      let loss = 0.35 + 2.6 * exp(-6 * done) + 0.12 * noise * (1.2 - done)
      let norm = (0.8 + 5 * exp(-12 * done)) * exp(0.25 * random.normal())
      let ratio = 0.5 + 0.4 * done + 0.05 * random.normal()
      var score: DevelopmentScore?
      if evaluateEvery > 0, step % evaluateEvery == 0 {
        let earlier = stride(from: evaluateEvery, to: step, by: evaluateEvery).map(self.score)
        score = .sample(self.score(step), best: self.score(step) > earlier.max() ?? 0)
      }
      return StepProgress(
        step: step, totalSteps: steps, loss: Float(max(loss, 0.01)), gradientNorm: Float(norm),
        queryPull: Float(norm), passagePull: Float(norm * ratio),
        towerNorms: isUntied
          ? TowerNorms(query: Float(norm), passage: Float(norm * ratio)) : nil,
        bankedExamples: isBanked ? min(1024, 64 * step) : 0,
        learningRate: Float(2e-5 * min(done / warmup, (1 - done) / (1 - warmup))),
        pairsSeen: 64 * step, tokensSeen: 9_800 * step,
        accuracy: Float(min(max(0.93 - 0.6 * exp(-5 * done) + 0.05 * noise, 0), 1)),
        evaluation: score)
    }

    func reading(_ step: Int) -> MachineReading {
      var random = RandomStream(seed: seed &+ UInt64(step))
      let busy = step % 97 > 80 ? 0.6 : 0
      let bytes = 1.31e9 + 3e7 * log(Double(step) + 1) + 4e6 * random.normal()
      return MachineReading(
        time: 1_780_000_000 + 1.9 * Double(step),
        seconds: 1.9 * Double(step) + 0.05 * random.normal() + busy, residentBytes: Int(bytes))
    }
  }

  func description(_ title: String, _ course: Course) -> RunDescription {
    var configuration = TrainingConfiguration(
      method: course.isBanked ? .contAccum : .gradCache, batchSize: 64, steps: course.steps,
      bankSize: course.isBanked ? 1024 : 0, checkpointEvery: 100)
    configuration.towers = course.isUntied ? .untied : .tied
    configuration.matryoshkaDimensions = [384, 128]
    configuration.evaluateEvery = course.evaluateEvery
    return RunDescription(
      title: title, configuration: configuration,
      encoder: "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d",
      data: "45c48cce2e2d7fbdea1afc51c7c6ad26c9f0f895fb98ab9159f51fd0297e2aa1", pairs: 87_599)
  }

  /// Writes a run; one that is killed after a step goes on from a checkpoint some steps before.
  @discardableResult
  func write(
    _ name: String, _ title: String, _ course: Course, killedAfter: Int? = nil
  ) throws -> URL {
    let place = folder.appending(path: name)
    func session(_ steps: ClosedRange<Int>, from start: Double) throws -> RunWatcher {
      let watcher = try RunWatcher(
        folder: place, run: description(title, course), resumeStep: steps.lowerBound - 1,
        reading: course.reading(steps.lowerBound - 1), host: "sample")
      if steps.lowerBound == 1 {
        try watcher.warn("31 of 87599 pairs fill no batch of 64", course.reading(0))
      }
      for step in steps {
        let reading = course.reading(step)
        try watcher.record(
          course.progress(step),
          MachineReading(
            time: reading.time, seconds: reading.seconds - start,
            residentBytes: reading.residentBytes))
      }
      return watcher
    }
    if let killedAfter { _ = try session(1...killedAfter, from: 0) }
    let checkpoint = killedAfter.map { $0 - $0 % 100 } ?? 0
    let start = killedAfter == nil ? 0 : course.reading(checkpoint).seconds
    let watcher = try session(checkpoint + 1...course.steps, from: start)
    let end = course.reading(course.steps)
    let model = try TextEncoder(folder: TrainingFixture.encoderFolder).model
    return try watcher.finish(
      TrainingOutcome(
        model: model, queryModel: nil, steps: course.steps, pairs: 64 * course.steps,
        tokens: 9_800 * course.steps, lastLoss: 0.37, meanLossOfLastTenth: 0.362,
        corpusEncodings: nil, bestStep: nil, bestMetrics: [:], finished: true),
      MachineReading(
        time: end.time, seconds: end.seconds - start, residentBytes: end.residentBytes))
  }
}
