import Foundation
import TestSupport
import Testing

@testable import Training

@Suite("Training log")
struct TrainingLogTests {
  let folder: TemporaryFolder
  var file: URL { folder.url.appending(path: "train.jsonl") }

  init() throws { folder = try TemporaryFolder() }

  func lines() throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  func watcher(after step: Int = 0, at seconds: Double = 0) throws -> RunWatcher {
    try RunWatcher(
      folder: folder.url, run: .sample(), resumeStep: step, reading: .sample(seconds))
  }

  @Test("the first line has every value of the configuration, set or not")
  func firstLine() throws {
    _ = try watcher()
    let line = try #require(lines().first)
    #expect(line.hasPrefix(#"{"kind":"run","format":"freshet training log 1","title":"MiniLM on"#))
    let run = try JSONDecoder.log.decode(LoggedRun.self, from: Data(line.utf8))
    #expect(run.encoder == "encoder-fingerprint" && run.data == "data-digest" && run.pairs == 80)
    let configuration = TrainingConfiguration(steps: 20, checkpointEvery: 5)
    let names = Mirror(reflecting: configuration).children.compactMap(\.label)
    #expect(Set(run.configuration.keys) == Set(names) && names.count > 20)
    #expect(run.configuration["method"] == .text("in-batch"))
    #expect(run.configuration["learningRate"] == .number(2e-5))
    #expect(run.configuration["frozenLayers"] == LoggedValue.none)
    #expect(run.configuration["usesDropout"] == .flag(true))
    #expect(run.configuration["matryoshkaDimensions"] == .list([]))
  }

  @Test("a step's line has every field of the progress; an evaluation has a line of its own")
  func stepLine() throws {
    let watcher = try watcher()
    let progress = StepProgress.sample(
      1, loss: 0.1, norms: TowerNorms(query: 2, passage: 1), negatives: .sample, unforetold: 0.5,
      seconds: StepSeconds(step: 1.5, sampling: 0.25), evaluation: .sample(0.5))
    try watcher.record(progress, .sample(2))
    let lines = try lines()
    #expect(
      lines[1] == """
        {"kind":"step","step":1,"totalSteps":20,"loss":0.1,"accuracy":0.75,"learningRate":1e-05,\
        "gradientNorm":0.5,"queryPull":0.25,"passagePull":0.125,\
        "towerNorms":{"passage":1,"query":2},"bankedExamples":8,"pairsSeen":4,"tokensSeen":100,\
        "negatives":{"corpusEncodings":600,"correctedStaleness":0.25,"drawn":32,\
        "driftLoss":0.125,"staleness":0.5},"unforetold":0.5,\
        "clock":{"memoryBytes":500000002,"seconds":2,"stepSeconds":{"sampling":0.25,"step":1.5},\
        "time":1700000002,"tokensPerSecond":50}}
        """)
    #expect(
      lines[2] == """
        {"kind":"evaluation","step":1,"name":"ndcg@10","value":0.5,"isBest":true,\
        "metrics":{"mrr@10":0.25,"ndcg@10":0.5},\
        "clock":{"memoryBytes":500000002,"seconds":2,"time":1700000002}}
        """)
    let fields = Mirror(reflecting: progress).children.compactMap(\.label)
    let parsed = try JSONSerialization.jsonObject(with: Data(lines[1].utf8))
    let logged = Set(try #require(parsed as? [String: Any]).keys)
    #expect(logged == Set(fields).subtracting(["evaluation", "seconds"]).union(["kind", "clock"]))
  }

  @Test("values that are no numbers of JSON are read back", arguments: [Float.infinity, -.infinity])
  func notFinite(loss: Float) throws {
    try watcher().record(.sample(3, loss: loss), .sample(0))
    guard case .step(let step) = try JSONDecoder.log.decode(
      LogLine.self, from: Data(lines()[1].utf8))
    else {
      Issue.record("not a step")
      return
    }
    #expect(step.loss == loss && step.clock.tokensPerSecond == nil)
  }

  /// What a process killed while it did step 8 had written.
  func killedLog() throws {
    let watcher = try watcher()
    try watcher.warn("two pairs\nfill \"no\" batch", .sample(0))
    for step in 1...7 {
      let evaluation = step % 3 == 0 ? DevelopmentScore.sample(Double(step)) : nil
      try watcher.record(.sample(step, evaluation: evaluation), .sample(Double(step)))
    }
    try watcher.warn("of step 8", .sample(7.5))
    let text = try Data(contentsOf: file)
    try (text + Data(#"{"kind":"step","step":8,"lo"#.utf8)).write(to: file)
  }

  func kinds() throws -> [String] {
    try lines().map { line in
      switch try JSONDecoder.log.decode(LogLine.self, from: Data(line.utf8)) {
      case .run: "run"
      case .step(let step): "\(step.step)"
      case .evaluation(let evaluation): "e\(evaluation.step)"
      case .warning(let warning): "w\(warning.step)"
      case .session(let session): "s\(session.step)"
      case .outcome: "end"
      }
    }
  }

  @Test("resuming cuts off what came after the step, and a line half written")
  func cuts() throws {
    let cases: [(step: Int, kinds: [String])] = [
      (7, ["run", "w1", "1", "2", "3", "e3", "4", "5", "6", "e6", "7", "s7"]),
      (6, ["run", "w1", "1", "2", "3", "e3", "4", "5", "6", "e6", "s6"]),
      (5, ["run", "w1", "1", "2", "3", "e3", "4", "5", "s5"]),
      (3, ["run", "w1", "1", "2", "3", "e3", "s3"]),
      (1, ["run", "w1", "1", "s1"]), (0, ["run"]),
    ]
    for (step, expected) in cases {
      try? FileManager.default.removeItem(at: file)
      try killedLog()
      _ = try watcher(after: step)
      #expect(try kinds() == expected, "after step \(step)")
    }
  }

  @Test("clock and speed go on where the kept part of the log ends")
  func clockGoesOn() throws {
    try killedLog()
    try watcher(after: 5, at: 0.5).record(.sample(6), .sample(4))
    guard case .step(let step) = try JSONDecoder.log.decode(
      LogLine.self, from: Data(try #require(lines().last).utf8))
    else {
      Issue.record("not a step")
      return
    }
    #expect(step.clock.seconds == 9 && step.clock.tokensPerSecond == 25)
  }

  @Test("steps that are missing from the log are told of", arguments: [nil, "", "{\"kind\":\"ru"])
  func gaps(text: String?) throws {
    if let text { try folder.write(text, to: "train.jsonl") }
    let watcher = try watcher(after: 4)
    try watcher.record(.sample(5), .sample(1))
    #expect(try kinds() == ["run", "s4", "5"])
    #expect(try lines()[1].contains("steps 1 to 4 are not logged"))
    #expect(try !lines()[2].contains("tokensPerSecond"))
  }

  @Test("a log cut at any byte resumes to the same lines")
  func everyByte() throws {
    try killedLog()
    let whole = try Data(contentsOf: file)
    for count in stride(from: 0, to: whole.count, by: 7) {
      try whole.prefix(count).write(to: file)
      let clock = LogClock(time: 0, seconds: 1, memoryBytes: 0)
      let log = try TrainingLog.open(folder.url, .sample(), resumeStep: 0)
      try log.record(.sample(1), clock)
      #expect(try kinds() == ["run", "1"])
      try whole.prefix(count).write(to: file)
      _ = try TrainingLog.open(folder.url, .sample(), resumeStep: 3)
      #expect(try ["run", "w1", "1", "2", "3", "e3"].starts(with: kinds()))
    }
  }

  @Test("a file that is no log is left alone", arguments: ["{}\n", "text", "{\"kind\":\"step\"}\n"])
  func foreign(text: String) throws {
    try folder.write(text, to: "train.jsonl")
    let error = #expect(throws: TrainingError.self) { try watcher() }
    #expect(error?.code == .invalidData && error?.message.contains("train.jsonl:1") == true)
    #expect(try String(contentsOf: file, encoding: .utf8) == text)
  }

  @Test("a folder that cannot be made is an error with its path")
  func refusal() throws {
    let path = try folder.write("", to: "taken")
    let error = #expect(throws: TrainingError.self) {
      try RunWatcher(
        folder: URL(fileURLWithPath: path), run: .sample(), resumeStep: 0, reading: .sample(0))
    }
    #expect(error?.code == .io && error?.message.contains(path) == true)
  }
}
