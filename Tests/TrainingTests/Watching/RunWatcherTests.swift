import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("Run watcher")
struct RunWatcherTests {
  let folder: TemporaryFolder
  let task = ToyTask(count: 18)

  init() throws { folder = try TemporaryFolder() }

  /// A session of a run: goes on from the newest checkpoint, takes `steps` steps at most, and ends
  /// with the outcome, or as if killed: without the checkpoint that stopping makes.
  func session(
    _ name: String, _ configuration: TrainingConfiguration, steps: Int = .max, killed: Bool = false
  ) throws {
    let place = folder.url.appending(path: name)
    let checkpoints = place.appending(path: "checkpoints")
    var seconds = 0.0
    let stop = StopAfter(steps)
    let outcome = try task.trainer(configuration).run(
      watchedIn: place, titled: "toy",
      reading: {
        seconds += 0.5
        return .sample(seconds)
      }, checkpoints: checkpoints, resume: true, shouldStop: stop.ask)
    guard killed else { return }
    let newest = checkpoints.appending(path: "step-0000000\(outcome.steps).safetensors")
    try FileManager.default.removeItem(at: newest)
    let file = place.appending(path: "train.jsonl")
    try (Data(contentsOf: file) + Data("{\"kind".utf8)).write(to: file)
  }

  func log(_ name: String) throws -> Data {
    try Data(contentsOf: folder.url.appending(path: "\(name)/train.jsonl"))
  }

  @Test("the log of a run that was killed and resumed equals that of a run left alone")
  func killedAndResumed() throws {
    var configuration = CheckpointTests.configuration(.gradCache)
    configuration.towers = .untied
    configuration.batchSize = 5
    try session("alone", configuration)
    try session("killed", configuration, steps: 5, killed: true)
    try session("killed", configuration, steps: 3)
    try session("killed", configuration)
    let alone = try TrainingLog.repeatableLines(of: log("alone"))
    #expect(try TrainingLog.repeatableLines(of: log("killed")) == alone)
    #expect(alone.count == 1 + 1 + 11 + 1, "run, a warning, steps, outcome")
    #expect(try log("killed") != log("alone"))
    try session("killed", configuration)
    #expect(try TrainingLog.repeatableLines(of: log("killed")) == alone, "resumed when done")
    let report = folder.url.appending(path: "killed/report.html")
    #expect(try String(contentsOf: report, encoding: .utf8).contains("resumed after step 6"))
    configuration.seed += 1
    try session("other", configuration)
    #expect(try TrainingLog.repeatableLines(of: log("other")) != alone)
  }

  /// What TensorBoard makes of the event files of a folder: a session that starts at a step takes
  /// back what was written of it and later ones.
  func curves(_ name: String) throws -> [String: [Int: Float]] {
    let place = folder.url.appending(path: name)
    let files = try FileManager.default.contentsOfDirectory(atPath: place.path)
      .filter { $0.contains("tfevents") }.sorted()
    var curves: [String: [Int: Float]] = [:]
    for file in files {
      for event in try EventFileReader.events(of: place.appending(path: file)) {
        if event.status == 1 {
          curves = curves.mapValues { $0.filter { $0.key < event.step } }
        }
        for (tag, value) in event.scalars { curves[tag, default: [:]][event.step] = value }
      }
    }
    return curves
  }

  @Test("so do the curves of its event files, as TensorBoard reads them")
  func events() throws {
    let configuration = CheckpointTests.configuration()
    try session("alone", configuration)
    try session("killed", configuration, steps: 5, killed: true)
    try session("killed", configuration)
    let (alone, killed) = (try curves("alone"), try curves("killed"))
    #expect(Set(alone.keys) == Set(killed.keys))
    for tag in ["loss", "accuracy", "learning_rate", "gradient_norm", "gradient_norm_ratio"] {
      let curve = try #require(alone["train/" + tag])
      #expect(curve == killed["train/" + tag] && curve.keys.sorted() == Array(1...11), "\(tag)")
    }
    #expect(alone["train/memory_bytes"]?.values.allSatisfy { abs($0 - 5e8) < 1e3 } == true)
    #expect(alone["train/tokens_per_second"]?.count == 11)
  }

  @Test("what is said before a resumed run goes on is of the session, what it says later its own")
  func messages() throws {
    let configuration = CheckpointTests.configuration()
    try session("run", configuration, steps: 7)
    let newest = folder.url.appending(path: "run/checkpoints/step-00000007.safetensors")
    try Data("damaged".utf8).write(to: newest)
    try session("run", configuration)
    let record = try RunRecord(log("run"), path: "log")
    #expect(record.sessions.map(\.step) == [6, 6] && record.outcome?.finished == true)
    #expect(record.sessions.last?.message.contains("step-00000007.safetensors") == true)
    #expect(record.warnings.map(\.step) == [1])
    #expect(record.steps.map(\.step) == Array(1...11))
  }

  @Test("numbers by tag: towers apart, evaluations by metric, nothing that is not finite")
  func scalars() {
    let clock = LogClock(time: 0, seconds: 1, memoryBytes: 7, tokensPerSecond: nil)
    let progress = StepProgress.sample(
      2, loss: .infinity, norms: TowerNorms(query: 2, passage: 1), evaluation: .sample(0.5))
    let found = Dictionary(uniqueKeysWithValues: progress.scalars(clock).map { ($0.tag, $0.value) })
    #expect(
      found == [
        "train/accuracy": 0.75, "train/learning_rate": 2e-5, "train/gradient_norm": 0.5,
        "train/gradient_norm_ratio": 0.5, "train/gradient_norm_query": 2,
        "train/gradient_norm_passage": 1, "train/banked_examples": 8, "train/memory_bytes": 7,
        "eval/ndcg@10": 0.5, "eval/mrr@10": 0.25,
      ])
    #expect(StepProgress.sample(1).gradientNormRatio == 0.5, "of the pulls")
  }
}
