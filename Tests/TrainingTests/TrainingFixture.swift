import Encoder
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Training

/// A small random encoder with data, and what PyTorch makes of training it; made by
/// tools/fixtures/training_reference.py.
struct TrainingFixture {
  struct Settings: Decodable {
    let steps: Int
    let temperature, learningRate, warmupShare, weightDecay, clipNorm: Double
    let maximumQueryLength, maximumPassageLength: Int
  }
  struct Facts: Decodable {
    let losses, norms, rates: [Double]
  }
  private struct Pair: Decodable {
    let queryID, query, positiveID: String
    let otherPositiveIDs, negativeIDs: [String]
  }

  let reference: SafetensorsFile
  let settings: Settings
  let facts: Facts
  let pairs: [TrainingPair]
  let passages: Texts

  static let encoderFolder = fixtures.appending(path: "training/encoder")

  init() throws {
    let file = fixtures.appending(path: "training/reference.safetensors")
    reference = try SafetensorsFile(path: file.path)
    let metadata = reference.metadata
    func decode<Value: Decodable>(_ key: String) throws -> Value {
      try JSONDecoder().decode(Value.self, from: Data(metadata[key, default: ""].utf8))
    }
    settings = try decode("settings")
    facts = try decode("facts")
    passages = Texts(try decode("passages"))
    pairs = try (decode("pairs") as [Pair]).map {
      TrainingPair(
        queryID: $0.queryID, query: $0.query, positiveID: $0.positiveID,
        otherPositiveIDs: $0.otherPositiveIDs, negativeIDs: $0.negativeIDs)
    }
  }

  /// The reference's run: every epoch is one batch of all pairs, in another order.
  func configuration(_ method: TrainingMethod = .inBatch) -> TrainingConfiguration {
    TrainingConfiguration(
      method: method, batchSize: pairs.count, negativesPerQuery: 1, steps: settings.steps,
      temperature: settings.temperature, learningRate: settings.learningRate,
      warmupShare: settings.warmupShare, weightDecay: settings.weightDecay,
      clipNorm: settings.clipNorm, maximumQueryLength: settings.maximumQueryLength,
      maximumPassageLength: settings.maximumPassageLength, chunkRows: 4,
      usesDropout: false)
  }
}

/// Passages of a dictionary, in the order of their ids.
struct Texts: PassageCorpus, Equatable {
  struct Unknown: Error, Equatable {
    let id: String
  }
  let texts: [String: String]
  private let ids: [String]
  private let places: [String: Int]

  init(_ texts: [String: String]) {
    self.texts = texts
    ids = texts.keys.sorted()
    places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
  }

  var passageCount: Int { ids.count }

  func passage(at index: Int) throws -> (id: String, text: String) {
    (ids[index], try text(ofPassage: ids[index]))
  }

  func passageIndex(of id: String) -> Int? { places[id] }

  func text(ofPassage id: String) throws -> String {
    guard let text = texts[id] else { throw Unknown(id: id) }
    return text
  }
}

/// A task of its own for the fixture's encoder: find the passage that shares a query's two words.
struct ToyTask {
  static let words = [
    "river", "stone", "cloud", "lamp", "bread", "green", "quiet", "early", "north", "music",
    "paper", "engine", "garden", "winter", "bridge", "letter", "silver", "orange",
  ]
  let pairs: [TrainingPair]
  let passages: Texts

  /// `count` pairs; every third shares its positive with the one before.
  init(count: Int, seed: UInt64 = 5) {
    var random = RandomStream(seed: seed)
    func word() -> String { Self.words[random.index(below: Self.words.count)] }
    var texts: [String: String] = [:]
    var pairs: [TrainingPair] = []
    for i in 0..<count {
      let (first, second) = (word(), word())
      let positive = i % 3 == 2 ? pairs[i - 1].positiveID : "p\(i)"
      texts[positive] = (texts[positive] ?? word()) + " \(first) \(second) \(word())"
      texts["n\(i)"] = "\(word()) \(word()) \(word())"
      pairs.append(
        TrainingPair(
          queryID: "q\(i)", query: "\(first) \(second)", positiveID: positive,
          negativeIDs: ["n\(i)", "n\(i / 2)", "n\(i / 3)"]))
    }
    self.pairs = pairs
    passages = Texts(texts)
  }

  func trainer(_ configuration: TrainingConfiguration) throws -> Trainer {
    try Trainer(
      encoder: try TextEncoder(folder: TrainingFixture.encoderFolder), pairs: pairs,
      passages: passages, configuration: configuration)
  }
}

/// Collects what handlers are told; used from one thread.
final class Log<Entry> {
  var entries: [Entry] = []
  func add(_ entry: Entry) { entries.append(entry) }
}

/// Runs `body`, which must throw a `TrainingError` of this kind, and hands it out.
@discardableResult
func trainingError(
  _ code: TrainingError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) throws -> TrainingError {
  let error = try #require(
    #expect(throws: TrainingError.self, sourceLocation: sourceLocation) { try body() },
    sourceLocation: sourceLocation)
  #expect(error.code == code, "\(error.message)", sourceLocation: sourceLocation)
  return error
}

/// The relative difference of all values, as one number.
func relativeDifference(_ a: Parameters, _ b: Parameters) -> Double {
  relativeError(
    a.values.flatMap(\.elements), b.values.flatMap { $0.elements.map(Double.init) })
}
