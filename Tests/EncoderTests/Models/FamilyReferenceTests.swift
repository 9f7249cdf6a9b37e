import Tensors
import TestSupport
import Testing

@testable import Encoder

/// Every family, pooling and module against PyTorch in float64.
@Suite("families, poolings and modules equal PyTorch")
struct FamilyReferenceTests {
  static let names = [
    "roberta", "distilbert", "mpnet", "electra", "dpr-context", "dpr-question", "all-poolings",
    "without-prompt", "head", "head-cut", "relu-cut",
  ]

  @Test("hidden states", arguments: names)
  func hidden(name: String) throws {
    let fixture = try FamilyFixture(name)
    let expected = try fixture.file.matrix("expected.hidden")
    let hidden = fixture.model.bert.forward(fixture.tokens)
    #expect(largestDifference(hidden.elements, expected.elements) < 1e-5)
  }

  @Test("embeddings, with and without keeping", arguments: names)
  func embeddings(name: String) throws {
    let fixture = try FamilyFixture(name)
    let expected = try fixture.file.matrix("expected.embeddings")
    let embeddings = fixture.model.forward(fixture.tokens)
    #expect(embeddings.columns == expected.columns && fixture.model.dimension == expected.columns)
    #expect(largestDifference(embeddings.elements, expected.elements) < 1e-5)
    let (kept, _) = fixture.model.forwardKeeping(fixture.tokens, dropout: nil)
    #expect(largestDifference(kept.elements, embeddings.elements) < 2e-6)
  }

  @Test("gradients of every parameter", arguments: names)
  func gradients(name: String) throws {
    let fixture = try FamilyFixture(name)
    let (_, kept) = fixture.model.forwardKeeping(fixture.tokens, dropout: nil)
    var gradients = Parameters(zerosLike: fixture.model.parameters)
    fixture.model.backward(try fixture.file.matrix("upstream"), kept, into: &gradients)
    let tensors = gradients.fileTensors()
    for tensor in tensors {
      let expected = try fixture.expectedGradient(tensor.name)
      let size = expected.sumOfSquares().squareRoot()
      var difference = tensor.values
      difference.add(
        expected.reshaped(rows: difference.rows, columns: difference.columns), scaledBy: -1)
      let error = difference.sumOfSquares().squareRoot()
      // The key's bias has no effect on a softmax: its gradient is zero up to rounding.
      let tolerance = tensor.name.hasSuffix("key.bias") ? 1e-5 : 1e-4 * size
      #expect(error <= tolerance, "\(tensor.name): \(error) of \(size)")
    }
    #expect(tensors.count == fixture.weightNames.count)
  }

  @Test("dropout masks and gradients do not depend on the company", arguments: ["mpnet", "head"])
  func company(name: String) throws {
    let fixture = try FamilyFixture(name)
    let upstream = try fixture.file.matrix("upstream")
    let keys = fixture.tokens.sequences.indices.map { Dropout.key(seed: 3, step: 5, item: $0) }
    var whole = Parameters(zerosLike: fixture.model.parameters)
    let (_, kept) = fixture.model.forwardKeeping(
      fixture.tokens, dropout: Dropout(rate: 0.1, keys: keys))
    fixture.model.backward(upstream, kept, into: &whole)
    var pieces = Parameters(zerosLike: fixture.model.parameters)
    for (i, rows) in fixture.tokens.sequences.enumerated() {
      let (_, kept) = fixture.model.forwardKeeping(
        PackedTokens([Array(fixture.tokens.ids[rows])]),
        dropout: Dropout(rate: 0.1, keys: [keys[i]]))
      fixture.model.backward(upstream[rows: i..<i + 1], kept, into: &pieces)
    }
    for (slot, (a, b)) in zip(whole.slots, zip(whole.values, pieces.values)) {
      var difference = a
      difference.add(b, scaledBy: -1)
      let size = max(a.sumOfSquares().squareRoot(), 1e-3)
      #expect(difference.sumOfSquares().squareRoot() < 2e-5 * size, "\(slot.name)")
    }
    #expect(whole.norm > 0)
  }

  @Test("MPNet's buckets are those of transformers", arguments: [
    (0, 0), (-1, 1), (-7, 7), (-8, 8), (-11, 8), (-12, 9), (-15, 9), (-16, 10), (-31, 11),
    (-32, 12), (-63, 13), (-64, 14), (-90, 14), (-91, 15), (-127, 15), (-128, 15), (-500, 15),
    (1, 17), (8, 24), (16, 26), (64, 30), (128, 31), (500, 31),
  ])
  func buckets(distance: Int, expected: Int) {
    #expect(RelativeBuckets.bucket(ofDistance: distance, count: 32) == expected)
  }

  @Test("the gradient of a bias goes back to its buckets")
  func contraction() {
    let gradient = Matrix.normal(2, 2 * 150 + 1, seed: 4)
    var table = Matrix(rows: 32, columns: 2)
    RelativeBuckets.contract(gradient, into: &table)
    var expected = [Float](repeating: 0, count: 64)
    for column in 0..<301 {
      let bucket = RelativeBuckets.bucket(ofDistance: column - 150, count: 32)
      for head in 0..<2 { expected[2 * bucket + head] += gradient[head, column] }
    }
    #expect(largestDifference(table.elements, expected) < 1e-5)
  }

  @Test("positions: from zero, and after padding, which takes its own row and counts none")
  func positions() {
    let tokens = PackedTokens([[0, 5, 1, 7], [], [1, 1, 9]])
    #expect(tokens.positions(from: 0) == [0, 1, 2, 3, 0, 1, 2])
    #expect(tokens.positions(from: 2) == [2, 3, 1, 4, 1, 1, 2])
  }
}
