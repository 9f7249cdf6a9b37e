import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

@Suite("The embeddings of the beginning")
struct StaleCacheTests {
  let folder: TemporaryFolder
  let place: URL
  let task = ToyTask(count: 18)

  init() throws {
    folder = try TemporaryFolder()
    place = folder.url.appending(path: "run")
  }

  var file: URL { place.appending(path: "stale-embeddings.safetensors") }

  /// Runs up to `steps` more steps; returns how often the corpus was encoded, and the warnings.
  func run(
    _ passages: any PassageSource, steps: Int, source: NegativeSource = .stale
  ) throws -> (encodings: Int, warnings: [String], outcome: TrainingOutcome) {
    let trainer = try Trainer(
      encoder: try TextEncoder(folder: TrainingFixture.encoderFolder), pairs: task.pairs,
      passages: passages, configuration: SampledTrainingTests.configuration(source))
    let (stop, encoded, warnings) = (StopAfter(steps), Log<CorpusProgress>(), Log<String>())
    let outcome = try trainer.run(
      checkpoints: place, resume: true, shouldStop: { stop.ask() }, encoding: encoded.add,
      warning: warnings.add)
    return (encoded.entries.count, warnings.entries, outcome)
  }

  @Test("they are what the encoder makes of the texts, and never written again")
  func contents() throws {
    #expect(try run(task.passages, steps: 4, source: .corrected).encodings == 1)
    let bytes = try Data(contentsOf: file)
    let encoder = try TextEncoder(folder: TrainingFixture.encoderFolder)
    let texts = try (0..<task.passages.passageCount).map { try task.passages.passage(at: $0).text }
    let expected = encoder.encode(texts, as: .passage, maximumLength: 128).embeddings
    let stored = try SafetensorsFile(path: file.path)
    #expect(try stored.matrix("embeddings") == expected)
    #expect(stored.metadata["origin"]?.contains(encoder.fingerprint) == true)
    #expect(try run(task.passages, steps: .max, source: .corrected).encodings == 0)
    #expect(try Data(contentsOf: file) == bytes)
  }

  @Test("told to stop while they are made, a run has done nothing")
  func stopped() throws {
    let found = try run(task.passages, steps: 1)
    #expect(!found.outcome.finished && found.outcome.steps == 0 && found.encodings == 0)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    #expect(try run(task.passages, steps: .max).outcome.finished)
  }

  @Test("damaged or gone, they are made again, the same")
  func damaged() throws {
    _ = try run(task.passages, steps: 5)
    let bytes = try Data(contentsOf: file)
    var other = bytes
    other[other.count - 9] ^= 0x10
    try other.write(to: file)
    let found = try run(task.passages, steps: 4)
    #expect(found.encodings == 1 && found.warnings.contains { $0.contains(file.path) })
    #expect(try Data(contentsOf: file) == bytes)
    try FileManager.default.removeItem(at: file)
    let last = try run(task.passages, steps: .max)
    #expect(last.encodings == 1 && last.warnings.isEmpty && last.outcome.finished)
    #expect(last.outcome.corpusEncodings == task.passages.passageCount, "it had been paid for")
  }

  @Test("a corpus that was changed is noticed when a run goes on", arguments: NegativeSource.allCases)
  func otherCorpus(source: NegativeSource) throws {
    _ = try run(task.passages, steps: 7, source: source)
    var texts = task.passages.texts
    texts["n3", default: ""] += " changed"
    let error = try trainingError(.checkpointMismatch) {
      _ = try run(Texts(texts), steps: 3, source: source)
    }
    #expect(error.message.contains("corpus"))
  }

  @Test("other embeddings that lie in the folder are not taken for one's own")
  func otherOrigin() throws {
    var texts = task.passages.texts
    texts["n3", default: ""] += " changed"
    _ = try run(Texts(texts), steps: 3)
    for name in try FileManager.default.contentsOfDirectory(atPath: place.path)
    where name.hasPrefix("step-") {
      try FileManager.default.removeItem(at: place.appending(path: name))
    }
    #expect(try run(task.passages, steps: 5).encodings == 1)
  }

  @Test("passages of equal texts are found")
  func survey() throws {
    let texts = Texts(["a": "one", "b": "two", "c": "one", "d": "three", "e": "one"])
    let survey = try CorpusSurvey(texts)
    #expect(survey.count == 5)
    #expect(survey.sameText(as: 0) == [0, 2, 4] && survey.sameText(as: 4) == [0, 2, 4])
    #expect(survey.sameText(as: 1) == [1])
    let example = BatchExample(
      index: 7,
      pair: TrainingPair(queryID: "q", query: "?", positiveID: "c", otherPositiveIDs: ["b", "x"]))
    #expect(
      NegativeQuery(example, texts, survey)
        == NegativeQuery(pair: 7, positive: 2, masked: [0, 1, 2, 4]))
    #expect(try CorpusSurvey(Texts(["a": "one", "b": "two"])).digest != survey.digest)
  }

  @Test("a passage with an answer's text is nobody's negative for that query")
  func duplicates() throws {
    let texts = Texts(["a": "one", "b": "two", "c": "one", "d": "three"])
    let trainer = try Trainer(
      encoder: try TextEncoder(folder: TrainingFixture.encoderFolder), pairs: task.pairs,
      passages: texts, configuration: SampledTrainingTests.configuration(.uniform))
    var miner = try NegativeMiner(
      NegativeSampling(.uniform, perQuery: 3), texts, trainer, folder: nil)
    var examples = [("a", "q"), ("d", "r")].enumerated().map { index, pair in
      BatchExample(
        index: index, pair: TrainingPair(queryID: pair.1, query: "?", positiveID: pair.0))
    }
    var state = NegativeState(
      NegativeSampling(.uniform), dimension: 2, normalizes: true, seed: 1)
    let drawn = try miner.draw(for: examples, queries: nil, step: 0, &state)
    #expect(drawn.map(\.duplicates) == [["c"], []])
    #expect(Set(drawn[0].ids) == ["b", "d"] && Set(drawn[1].ids) == ["a", "b", "c"])
    for i in drawn.indices { examples[i].add(drawn[i]) }
    let batch = TrainingBatch(examples.map(\.pair), negatives: examples.map(\.sampled))
    let place = try #require(batch.columns.firstIndex(of: "c"))
    #expect(batch.excluded == [[place], []], "drawn for the other query, it counts for that alone")
  }

  @Test("negatives come from passages that can be gone through, and are there")
  func refused() throws {
    struct Opaque: PassageSource {
      func text(ofPassage id: String) throws -> String { id }
    }
    let error = try trainingError(.invalidConfiguration) {
      _ = try run(Opaque(), steps: 1)
    }
    #expect(error.message.contains("PassageCorpus") && error.message.contains("stale"))
    try trainingError(.invalidData) { _ = try run(Texts([:]), steps: 2) }
  }

  @Test("values out of range are named", arguments: 0..<8)
  func validation(number: Int) throws {
    var sampling = NegativeSampling(.corrected, perQuery: 4)
    let name: String
    switch number {
    case 0: (sampling.perQuery, name) = (0, "perQuery")
    case 1: (sampling.margin, name) = (.nan, "margin")
    case 2: (sampling.reEncodeEvery, name) = (0, "reEncodeEvery")
    case 3: (sampling.corrector.width, name) = (0, "corrector.width")
    case 4: (sampling.corrector.learningRate, name) = (0, "corrector.learningRate")
    case 5: (sampling.corrector.innerSteps, name) = (-1, "corrector.innerSteps")
    case 6: (sampling.corrector.correctEvery, name) = (0, "corrector.correctEvery")
    default: (sampling.corrector.candidates, name) = (3, "corrector.candidates")
    }
    var configuration = TrainingConfiguration(steps: 1)
    configuration.sampling = sampling
    let error = try trainingError(.invalidConfiguration) { try configuration.validate() }
    #expect(error.message.contains("sampling.\(name) is"))
  }

  @Test("another way of sampling is another run, named by its value")
  func otherSampling() throws {
    _ = try run(task.passages, steps: 4)
    let error = try trainingError(.checkpointMismatch) {
      _ = try run(task.passages, steps: 4, source: .uniform)
    }
    #expect(error.message.contains("sampling.source stale, this run has uniform"))
  }
}
