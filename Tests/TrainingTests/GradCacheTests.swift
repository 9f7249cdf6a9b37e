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
    Array(0..<5),
    of: (0..<5).map {
      TrainingPair(
        queryID: "q\($0)", query: "", positiveID: "p\($0)", otherPositiveIDs: ["p\(($0 + 2) % 5)"],
        negativeIDs: ["n\($0 % 3)"])
    },
    step: 0, negatives: GivenNegatives(perQuery: 1, seed: 1))

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
    let rows = EncoderRows(tokens: tokens, seed: seed, step: 7, usesDropout: dropout)
    _ = contrastiveGradient(
      of: batch, rows, model: PackedModel(training: model), loss: InfoNCE(temperature: 0.1), by: encoding,
      into: &gradients)
  }

  @Test("the chunked gradient is the whole batch's, dropout on", arguments: [1, 3, 8, 13, 50])
  func chunkingIsInvisible(chunk: Int) {
    let error = relativeDifference(gradient(GradCache(chunkRows: chunk)), gradient(WholeBatch()))
    #expect(error <= 1e-5)
  }

  @Test("other dropout masks give another gradient: the comparison can fail")
  func negativeControl() {
    let whole = gradient(WholeBatch())
    #expect(relativeDifference(gradient(GradCache(chunkRows: 3), seed: 5), whole) > 0.05)
    #expect(relativeDifference(gradient(GradCache(chunkRows: 3), dropout: false), whole) > 0.05)
  }

  /// As GradCache, but the second pass draws its own masks: what must not happen.
  struct ForgetfulCache: RowEncoding {
    func accumulate(
      _ rows: EncoderRows, model: PackedModel, into gradients: inout Parameters,
      representationGradient: (Matrix) -> Matrix
    ) {
      let all = 0..<rows.tokens.count
      let cached = representationGradient(rows.encode(all, with: model).0)
      var others = rows
      others.dropoutKeys = rows.dropoutKeys?.map { $0 &+ 1 }
      model.backward(cached, others.encode(all, with: model).1, into: &gradients)
    }
  }

  @Test("a second pass under other masks is noticed")
  func masksMustBeReplayed() {
    #expect(relativeDifference(gradient(ForgetfulCache()), gradient(WholeBatch())) > 0.05)
  }

  @Test("a chunk encoded again gives the same bits, and so does one in other company")
  func replay() {
    let rows = EncoderRows(tokens: tokens, seed: 4, step: 7, usesDropout: true)
    let first = rows.encode(3..<8, with: PackedModel(training: model)).0
    #expect(rows.encode(3..<8, with: PackedModel(training: model)).0 == first)
    let all = rows.encode(0..<13, with: PackedModel(training: model)).0
    #expect(largestDifference(all[rows: 3..<8].elements, first.elements) < 2e-6)
  }

  @Test("gradients are added to what is there", arguments: TrainingMethod.allCases)
  func adds(method: TrainingMethod) {
    let encoding: any RowEncoding =
      method == .inBatch ? WholeBatch() : GradCache(chunkRows: 4)
    var once = gradient(encoding)
    var twice = once
    accumulate(encoding, into: &twice)
    for i in once.values.indices { once.values[i].scale(by: 2) }
    #expect(relativeDifference(twice, once) < 1e-6)
  }

  @Test("the encoder's gradient against differences of the loss along a direction")
  func direction() {
    let gradients = gradient(WholeBatch(), dropout: false)
    let rows = EncoderRows(tokens: tokens, seed: 0, step: 0, usesDropout: false)
    func loss(along factor: Float) -> Double {
      var moved = model
      for i in gradients.values.indices {
        moved.parameters.values[i].add(gradients.values[i], scaledBy: factor)
      }
      let embeddings = PackedModel(moved).forward(PackedTokens(rows.tokens))
      return InfoNCE(temperature: 0.1).evaluate(
        queries: embeddings[rows: 0..<5], columns: embeddings[rows: 5..<13],
        labels: Array(0..<5), excluded: batch.excluded
      ).loss
    }
    let step = 2e-4
    let slope = (loss(along: Float(step)) - loss(along: Float(-step))) / (2 * step)
    let expected = gradients.norm * gradients.norm
    #expect(abs(slope - expected) < 0.01 * expected, "\(slope), expected \(expected)")
  }
}
