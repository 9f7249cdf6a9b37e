import Foundation
import Freshet
import Synchronization
import TestSupport
import Testing

/// A small encoder, another one of the same size, and a collection to try them on.
final class World: Sendable {
  let folder: TemporaryFolder
  let a: TextEncoder, b: TextEncoder
  private let ticks = Mutex(0)
  private let told = Mutex<[String]>([])

  init() throws {
    folder = try TemporaryFolder()
    a = try TextEncoder(folder: Self.encoderFolder)
    b = try a.disturbed(seed: 1, savingTo: folder.url.appending(path: "b"))
  }

  static let encoderFolder = fixtures.appending(path: "training/encoder")

  /// Where the collection goes.
  var url: URL { folder.url.appending(path: "c.freshet") }

  /// What the collection's handles gave notice of.
  var notices: [String] { told.withLock { $0 } }

  /// A clock that moves by a millisecond each time it is looked at.
  private var clock: @Sendable () -> Date {
    { [self] in
      ticks.withLock { ticks in
        ticks += 1
        return Date(timeIntervalSince1970: 1_750_000_000 + Double(ticks) / 1000)
      }
    }
  }

  func create() throws -> PassageCollection {
    try PassageCollection.create(url, now: clock, notice: { self.tell($0) })
  }

  func reader() throws -> PassageCollection {
    try PassageCollection.open(url, now: clock, notice: { self.tell($0) })
  }

  func writer() throws -> PassageCollection {
    try PassageCollection.openForWriting(url, now: clock, notice: { self.tell($0) })
  }

  private func tell(_ text: String) { told.withLock { $0.append(text) } }

  /// A collection of so many passages, encoded by A.
  func encoded(_ count: Int = 60) throws -> PassageCollection {
    let collection = try create()
    try collection.add(toyPassages(count))
    try collection.encode(with: a)
    return collection
  }

  /// A file of the collection.
  func file(_ name: String) -> URL { url.appending(path: name) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: file(name)) }

  /// The floats of a generation's vector file.
  func vectors(_ generation: Int, rows: Int) throws -> [Float] {
    try Matrix(
      mapping: file("vectors/\(generation).f32").path, rows: rows, columns: a.dimension
    ).elements
  }

  /// Turns the bits of one byte of a file; negative places count from its end.
  func flipByte(of name: String, at place: Int) throws {
    var data = try bytes(name)
    let index = place < 0 ? data.count + place : place
    data[index] ^= 0xFF
    try data.write(to: file(name))
  }

  /// Everything a search can see: files by name, and what the database says of generations.
  func visible() throws -> [String: Data] {
    var found = ["status": try JSONEncoder.sorted.encode(try reader().status())]
    for part in ["vectors", "index", "correctors", "encoders"] {
      let names = try FileManager.default.subpathsOfDirectory(atPath: file(part).path)
      for name in names.map({ "\(part)/\($0)" }) {
        found[name] = (try? bytes(name)) ?? Data()
      }
    }
    return found
  }
}

extension JSONEncoder {
  static var sorted: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return encoder
  }
}

extension TextEncoder {
  /// This encoder with noise on its weights, saved and loaded: another encoder of the same size.
  func disturbed(seed: UInt64, scale: Double = 0.2, savingTo url: URL) throws -> TextEncoder {
    var parameters = model.parameters
    for i in parameters.values.indices {
      let value = parameters.values[i]
      let size = (value.sumOfSquares() / Double(max(value.count, 1))).squareRoot()
      parameters.values[i].add(
        .normal(value.rows, value.columns, seed: seed &* 1000 + UInt64(i), scale: scale * size))
    }
    try folder.write(to: url, tensors: parameters.fileTensors(), modelCard: "disturbed")
    return try TextEncoder(folder: url)
  }
}

/// Says "stop" once it was asked, or told of steps, more often than so many times.
final class Stop: Sendable {
  private let limit: Int
  private let asked = Atomic(0)
  private let steps = Atomic(0)

  init(after limit: Int) { self.limit = limit }

  /// Counts how often it is asked.
  var check: StopCheck { { self.asked.add(1, ordering: .relaxed).newValue > self.limit } }
  /// Looks at the steps it was told of.
  var checkSteps: StopCheck { { self.steps.load(ordering: .relaxed) >= self.limit } }
  func told(_ step: StepProgress) { steps.store(step.step, ordering: .relaxed) }
}

/// Words the small encoder knows.
let toyWords = [
  "river", "stone", "cloud", "lamp", "bread", "green", "quiet", "early", "north", "music", "paper",
  "engine", "garden", "winter", "bridge", "letter", "silver", "orange", "window", "forest",
  "candle", "market", "island", "pepper",
]

/// So many different texts of five words, always the same.
func toyTexts(_ count: Int, seed: UInt64 = 3) -> [String] {
  var random = RandomStream(seed: seed)
  var seen: Set<String> = []
  var texts: [String] = []
  while texts.count < count {
    let words = (0..<5).map { _ in toyWords[Int.random(in: 0..<toyWords.count, using: &random)] }
    let text = words.joined(separator: " ")
    if seen.insert(text).inserted { texts.append(text) }
  }
  return texts
}

func toyPassages(_ count: Int) -> [Passage] {
  toyTexts(count).enumerated().map { Passage(id: "p\($0)", text: $1) }
}

/// Options of a refresh that is quick on few passages.
var quickRefresh: RefreshOptions {
  var options = RefreshOptions()
  options.fit.mlp.width = 16
  options.fit.mlp.steps = 60
  options.fit.bootstrapSamples = 50
  return options
}

/// Runs `body`, which must throw a `FreshetError` of this code whose one line holds all `words`.
func freshetError(
  _ code: FreshetError.Code, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  let error = #expect(throws: FreshetError.self, sourceLocation: sourceLocation) { try body() }
  guard let error else { return }
  #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
  for word in words {
    #expect(error.message.contains(word), "\(error)", sourceLocation: sourceLocation)
  }
  #expect(!error.message.contains("\n"), "one line", sourceLocation: sourceLocation)
}

/// The rank of each passage by the inner product of two lists of embeddings, by a plain loop.
func ranked(_ query: [Float], _ passages: Matrix) -> [(row: Int, score: Float)] {
  (0..<passages.rows).map { row in
    (row, zip(query, passages.row(row)).reduce(Float(0)) { $0 + $1.0 * $1.1 })
  }.sorted { $0.score > $1.score }
}
