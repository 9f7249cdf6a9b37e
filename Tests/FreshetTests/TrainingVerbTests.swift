import Foundation
import Freshet
import TestSupport
import Testing

/// Training as users of the library meet it.
@Suite struct TrainingVerbTests {
  let folder: TemporaryFolder
  let encoder: TextEncoder
  let toy: ToyRetrieval

  init() throws {
    folder = try TemporaryFolder()
    encoder = try TextEncoder(folder: World.encoderFolder)
    toy = try ToyRetrieval(in: folder, passages: 80)
  }

  private func configuration(_ steps: Int, negatives: Int = 0) -> TrainingConfiguration {
    TrainingConfiguration(
      batchSize: 8, negativesPerQuery: negatives, steps: steps, learningRate: 1e-3,
      checkpointEvery: 2)
  }

  private func place(_ name: String) -> URL { folder.url.appending(path: name) }

  @Test func trainingSavesAnotherEncoderThatDoesTheTaskBetter() throws {
    let data = try TrainingData(folder: toy.folder.path)
    #expect(data.count == 40)
    #expect(try data.pair(at: 0).otherPositiveIDs == ["p30"])
    var steps: [StepProgress] = []
    let summary = try encoder.trained(
      on: data, configuration: configuration(60), savingTo: place("out"),
      progress: { steps.append($0) })
    #expect((summary.steps, summary.pairs) == (60, 480))
    #expect(steps.map(\.step) == Array(1...60))
    #expect(summary.loss < steps[0].loss, "\(steps[0].loss) before, \(summary.loss) after")
    let trained = try TextEncoder(folder: place("out"))
    #expect(trained.fingerprint == summary.encoder)
    #expect(trained.fingerprint != encoder.fingerprint)
    #expect(trained.dimension == encoder.dimension)
    #expect(!FileManager.default.fileExists(atPath: place("out.training").path))
    let card = try String(contentsOf: place("out").appending(path: "README.md"), encoding: .utf8)
    #expect(card.contains(encoder.fingerprint))
    func ndcg(_ encoder: TextEncoder, _ name: String) throws -> Double {
      let collection = try PassageCollection.create(place(name))
      try collection.add(contentsOf: toy.corpusFile)
      try collection.encode(with: encoder)
      return try collection.evaluate(try toy.judged()).report.metrics[.ndcg(10)] ?? 0
    }
    #expect(try ndcg(trained, "after") > ndcg(encoder, "before"))
  }

  @Test(arguments: [1, 2, 5]) func aStoppedRunGoesOnToTheSameEncoder(stopAfter: Int) throws {
    let data = try TrainingData(folder: toy.folder.path)
    let whole = try encoder.trained(
      on: data, configuration: configuration(6), savingTo: place("whole"))
    let stop = Stop(after: stopAfter)
    freshetError(.interrupted, "step \(stopAfter) of 6", "--resume") {
      _ = try encoder.trained(
        on: data, configuration: configuration(6), savingTo: place("cut"),
        shouldStop: stop.checkSteps, progress: stop.told)
    }
    #expect(!FileManager.default.fileExists(atPath: place("cut").path))
    let resumed = try encoder.trained(
      on: data, configuration: configuration(6), savingTo: place("cut"), resume: true)
    #expect(resumed.encoder == whole.encoder)
    #expect(resumed.steps == 6)
  }

  @Test(arguments: NegativeSource.allCases)
  func negativesAreSampledFromTheCorpusAndAStoppedRunGoesOn(source: NegativeSource) throws {
    let data = try TrainingData(folder: toy.folder.path)
    var configuration = configuration(6)
    configuration.sampling = NegativeSampling(source, perQuery: 3)
    configuration.sampling?.reEncodeEvery = 2
    func train(_ name: String, resume: Bool = false, stop: Stop? = nil) throws -> TrainingSummary {
      try encoder.trained(
        on: data, configuration: configuration, savingTo: place(name), resume: resume,
        shouldStop: { stop?.checkSteps() ?? false }, progress: { stop?.told($0) })
    }
    let whole = try train("whole")
    let encodings = [NegativeSource.uniform: 0, .stale: 80, .corrected: 80, .reEncode: 240]
    #expect(whole.corpusEncodings == encodings[source])
    freshetError(.interrupted, "step 3 of 6", "--resume") {
      _ = try train("cut", stop: Stop(after: 3))
    }
    let resumed = try train("cut", resume: true)
    #expect(resumed.encoder == whole.encoder && resumed.corpusEncodings == whole.corpusEncodings)
    let card = try String(contentsOf: place("cut").appending(path: "README.md"), encoding: .utf8)
    #expect(card.contains("3 sampled from the corpus (\(source.rawValue)) per query"))
  }

  @Test func passagesCanBeGoneThrough() throws {
    let data = try TrainingData(folder: toy.folder.path)
    #expect(data.passageCount == 80)
    for index in [0, 1, 41, 79] {
      let passage = try data.passage(at: index)
      #expect(data.passageIndex(of: passage.id) == index)
      #expect(try data.text(ofPassage: passage.id) == passage.text)
    }
    #expect(data.passageIndex(of: "nowhere") == nil)
  }

  @Test func anExistingDestinationIsLeftAlone() throws {
    let data = try TrainingData(folder: toy.folder.path)
    let file = try folder.write("mine", to: "taken")
    freshetError(.badInput, file, "exists") {
      _ = try encoder.trained(
        on: data, configuration: configuration(2), savingTo: place("taken"))
    }
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
  }

  @Test func minedNegativesAreTakenAndUnknownOnesRefused() throws {
    let world = try World()
    let collection = try world.create()
    try collection.add(contentsOf: toy.corpusFile)
    try collection.encode(with: encoder)
    try collection.mine(try toy.judged(), to: place("negatives.jsonl"))
    let data = try TrainingData(
      folder: toy.folder.path, negatives: place("negatives.jsonl").path)
    #expect(try (0..<data.count).allSatisfy { try data.pair(at: $0).negativeIDs.count == 5 })
    let plain = try encoder.trained(
      on: data, configuration: configuration(3), savingTo: place("plain"))
    let harder = try encoder.trained(
      on: data, configuration: configuration(3, negatives: 2), savingTo: place("harder"))
    #expect(plain.encoder != harder.encoder)
    let unknown = try folder.write(
      #"""
      {"query_id":"q1","query":"x","positive_ids":["p1"],\#
      "negatives":[{"id":"gone","rank":0,"score":1,"generation":0,"provenance":"encoded"}]}
      """# + "\n", to: "unknown.jsonl")
    freshetError(.badInput, unknown, "\"gone\"", "q1") {
      _ = try TrainingData(folder: toy.folder.path, negatives: unknown)
    }
    let malformed = try folder.write("{\"query_id\":\"q1\"\n", to: "malformed.jsonl")
    freshetError(.badInput, "malformed.jsonl:1") {
      _ = try TrainingData(folder: toy.folder.path, negatives: malformed)
    }
  }

  @Test func missingFilesAreNamed() throws {
    freshetError(.badInput, "/nowhere/corpus.jsonl", "no such file") {
      _ = try TrainingData(folder: "/nowhere")
    }
    freshetError(.badInput, "qrels/dev.tsv") {
      _ = try TrainingData(folder: toy.folder.path, split: "dev")
    }
  }

  @Test func aCorpusThatNamesAnIDTwiceIsRefused() throws {
    let line = #"{"_id":"p0","text":"river"}"#
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: toy.corpusFile))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data((line + "\n").utf8))
    freshetError(.badInput, "corpus.jsonl:81", "\"p0\"") {
      _ = try TrainingData(folder: toy.folder.path)
    }
  }
}
