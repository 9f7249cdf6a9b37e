import Tensors
import TestSupport
import Testing

@testable import Encoder
@testable import Training

@Suite("GradCache")
struct GradCacheTests {
  let model: EmbeddingModel
  /// 5 queries, then 8 passages; one text is a single token.
  let tokens: [[Int32]] = (0..<13).map { i in
    var random = RandomStream(seed: 9, stream: UInt64(i))
    return (0..<(i == 6 ? 1 : 2 + i)).map { _ in Int32(5 + random.index(below: 20)) }
  }
  let batch = TrainingBatch(
    (0..<5).map {
      TrainingPair(
        queryID: "q\($0)", query: "", positiveID: "p\($0)", otherPositiveIDs: ["p\(($0 + 2) % 5)"])
    },
    negatives: (0..<5).map { ["n\($0 % 3)"] })

  init() throws {
    model = try TextEncoder(folder: TrainingFixture.encoderFolder).model
  }

  func gradient(_ encoding: any RowEncoding, seed: UInt64 = 4, dropout: Bool = true) -> Parameters {
    var gradients = Parameters(zerosLike: model.parameters)
    accumulate(encoding, seed: seed, dropout: dropout, into: &gradients)
    return gradients
  }

  func accumulate(
    _ encoding: any RowEncoding, seed: UInt64 = 4, dropout: Bool = true,
    into gradients: inout Parameters
  ) {
    var bank = MemoryBank(capacity: 0)
    var towers = [gradients]
    _ = ContrastiveGroup(batch: batch, rows: .tied(rows(seed: seed, dropout: dropout), queries: 5))
      .accumulate(
        weight: 1, objective: Self.objective, bank: &bank, by: encoding, into: &towers)
    gradients = towers[0]
  }

  static let objective = ContrastiveObjective(
    TrainingConfiguration(batchSize: 5, steps: 1, temperature: 0.1))

  func rows(seed: UInt64 = 4, dropout: Bool = true) -> EncoderRows {
    EncoderRows(
      tokens: tokens,
      dropoutKeys: dropout
        ? tokens.indices.map { Dropout.key(seed: seed, step: 7, item: $0) } : nil,
      model: PackedModel(training: model))
  }

  @Test("the chunked gradient is the whole batch's, dropout on", arguments: [1, 3, 8, 13, 50])
  func chunkingIsInvisible(chunk: Int) {
    let error = relativeDifference(gradient(GradCache(chunkRows: chunk)), gradient(WholeBatch()))
    #expect(error <= 1e-5)
  }

  @Test(
    "keeping the activations of some chunks changes no bit",
    arguments: [1, 3, 13], [0, 1, 9, 40, 1000])
  func keepingIsInvisible(chunk: Int, kept: Int) {
    let found = gradient(GradCache(chunkRows: chunk, keptTokens: kept))
    #expect(found == gradient(GradCache(chunkRows: chunk)))
  }

  @Test("one chunk is the whole batch, to the last bit", arguments: [0, 1000])
  func oneChunk(kept: Int) {
    let found = gradient(GradCache(chunkRows: .max, chunkTokens: 1000, keptTokens: kept))
    #expect(found == gradient(WholeBatch()))
  }

  @Test(
    "chunks that are kept are encoded once, the others twice",
    arguments: [(0, 13 + 13), (3, 13 + 12), (9, 13 + 10), (104, 13)])
  func encodings(kept: Int, expected: Int) {
    let log = EncodingLog()
    var gradients = [0]
    GradCache(chunkRows: 1, keptTokens: kept).accumulate(
      [LoggedRows(costs: tokens.map(\.count), log: log)], into: &gradients
    ) { $0 }
    #expect(log.encodings == expected)
    #expect(gradients == [13])
  }

  final class EncodingLog {
    var encodings = 0
  }

  /// Rows that count how often they are encoded, and differentiated.
  struct LoggedRows: DifferentiableRows, @unchecked Sendable {  // used by one thread
    let costs: [Int]
    let log: EncodingLog

    func encode(_ range: Range<Int>) -> (Matrix, Void) {
      log.encodings += range.count
      return (Matrix(rows: range.count, columns: 1), ())
    }

    func backward(_ gradient: Matrix, _ kept: Void, into gradients: inout Int) {
      gradients += gradient.rows
    }
  }

  @Test("other dropout masks give another gradient: the comparison can fail")
  func negativeControl() {
    let whole = gradient(WholeBatch())
    #expect(relativeDifference(gradient(GradCache(chunkRows: 3), seed: 5), whole) > 0.05)
    #expect(relativeDifference(gradient(GradCache(chunkRows: 3), dropout: false), whole) > 0.05)
  }

  /// As GradCache, but the second pass draws its own masks: what must not happen.
  struct ForgetfulRows: DifferentiableRows {
    let first: EncoderRows, second: EncoderRows
    var costs: [Int] { first.costs }

    func encode(_ range: Range<Int>) -> (Matrix, PackedModel.Kept) {
      (first.encode(range).0, second.encode(range).1)
    }

    func backward(_ gradient: Matrix, _ kept: PackedModel.Kept, into gradients: inout Parameters) {
      second.backward(gradient, kept, into: &gradients)
    }
  }

  @Test("a second pass under other masks is noticed")
  func masksMustBeReplayed() {
    var bank = MemoryBank(capacity: 0)
    var forgetful = [Parameters(zerosLike: model.parameters)]
    let both = ForgetfulRows(first: rows(seed: 4), second: rows(seed: 5))
    _ = ContrastiveGroup(batch: batch, rows: .tied(both, queries: 5)).accumulate(
      weight: 1, objective: Self.objective, bank: &bank, by: GradCache(chunkRows: 3),
      into: &forgetful)
    #expect(relativeDifference(forgetful[0], gradient(WholeBatch())) > 0.05)
  }

  @Test("a chunk encoded again gives the same bits, and so does one in other company")
  func replay() {
    let rows = rows()
    let first = rows.encode(3..<8).0
    #expect(rows.encode(3..<8).0 == first)
    let all = rows.encode(0..<13).0
    #expect(largestDifference(all[rows: 3..<8].elements, first.elements) < 2e-6)
  }

  @Test("gradients are added to what is there", arguments: [true, false])
  func adds(chunked: Bool) {
    let encoding: any RowEncoding = chunked ? GradCache(chunkRows: 4) : WholeBatch()
    var once = gradient(encoding)
    var twice = once
    accumulate(encoding, into: &twice)
    for i in once.values.indices { once.values[i].scale(by: 2) }
    #expect(relativeDifference(twice, once) < 1e-6)
  }

  @Test("the encoder's gradient against differences of the loss along a direction")
  func direction() {
    let gradients = gradient(WholeBatch(), dropout: false)
    func loss(along factor: Float) -> Double {
      var moved = model
      for i in gradients.values.indices {
        moved.parameters.values[i].add(gradients.values[i], scaledBy: factor)
      }
      let embeddings = PackedModel(moved).forward(PackedTokens(tokens))
      var bank = MemoryBank(capacity: 0)
      return Self.objective.evaluate(
        queries: embeddings[rows: 0..<5], columns: embeddings[rows: 5..<13], of: batch, weight: 1,
        bank: &bank
      ).loss
    }
    let step = 2e-4
    let slope = (loss(along: Float(step)) - loss(along: Float(-step))) / (2 * step)
    let expected = gradients.norm * gradients.norm
    #expect(abs(slope - expected) < 0.01 * expected, "\(slope), expected \(expected)")
  }
}
