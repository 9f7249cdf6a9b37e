import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

/// Small random BERTs against PyTorch in float64; made by tools/fixtures/bert_reference.py.
@Suite("BERT equals PyTorch")
struct BERTReferenceTests {
  struct Fixture {
    let file: SafetensorsFile
    let model: EmbeddingModel
    let sequences: [[Int32]]

    init(_ name: String) throws {
      let path = fixtures.appendingPathComponent("encoder/\(name).safetensors").path
      file = try SafetensorsFile(path: path)
      let metadata = file.metadata
      sequences = try JSONDecoder().decode(
        [[Int32]].self, from: Data(metadata["sequences", default: ""].utf8))
      let folder = try TemporaryFolder()
      let config = try folder.write(metadata["config", default: ""], to: "config.json")
      let configuration = try BERTConfiguration(contentsOf: URL(fileURLWithPath: config))
      var tensors: [String: Matrix] = [:]
      for name in file.names { tensors[name] = try file.matrix(name) }
      let mode = try #require(PoolingMode(rawValue: metadata["pooling", default: ""]))
      model = try EmbeddingModel(
        configuration, pooling: Pooling([mode]),
        modules: metadata["normalizes"] == "true" ? [.normalize] : [], tensors: tensors)
    }
  }

  static let names = ["mean-normalized", "cls", "max-relu"]

  @Test("embeddings, packed together and alone", arguments: names)
  func embeddings(name: String) throws {
    let fixture = try Fixture(name)
    let expected = try fixture.file.matrix("expected.embeddings")
    let together = fixture.model.forward(PackedTokens(fixture.sequences))
    #expect(largestDifference(together.elements, expected.elements) < 1e-5)
    for (i, sequence) in fixture.sequences.enumerated() {
      let alone = fixture.model.forward(PackedTokens([sequence]))
      #expect(largestDifference(alone.elements, together.row(i)) < 2e-6)
    }
    let (kept, _) = fixture.model.forwardKeeping(PackedTokens(fixture.sequences), dropout: nil)
    #expect(largestDifference(kept.elements, together.elements) < 2e-6)
  }

  @Test("gradients of every parameter", arguments: names)
  func gradients(name: String) throws {
    let fixture = try Fixture(name)
    let (_, kept) = fixture.model.forwardKeeping(PackedTokens(fixture.sequences), dropout: nil)
    var gradients = Parameters(zerosLike: fixture.model.parameters)
    fixture.model.backward(try fixture.file.matrix("upstream"), kept, into: &gradients)
    var compared = 0
    for tensor in gradients.fileTensors() {
      let expected = try fixture.file.matrix("gradient." + tensor.name)
      let size = expected.sumOfSquares().squareRoot()
      var difference = tensor.values
      difference.add(
        expected.reshaped(rows: difference.rows, columns: difference.columns), scaledBy: -1)
      let error = difference.sumOfSquares().squareRoot()
      // The key's bias has no effect on a softmax: its gradient is zero up to rounding.
      let tolerance = tensor.name.hasSuffix("key.bias") ? 1e-5 : 1e-4 * size
      #expect(error <= tolerance, "\(tensor.name): \(error) of \(size)")
      compared += 1
    }
    #expect(compared == fixture.file.names.count { $0.hasPrefix("gradient.") })
  }

  @Test("gradients are added, and dropout masks do not depend on the company")
  func accumulation() throws {
    let fixture = try Fixture("mean-normalized")
    let upstream = try fixture.file.matrix("upstream")
    let keys = fixture.sequences.indices.map { Dropout.key(seed: 3, step: 5, item: $0) }
    var whole = Parameters(zerosLike: fixture.model.parameters)
    let (_, kept) = fixture.model.forwardKeeping(
      PackedTokens(fixture.sequences), dropout: Dropout(rate: 0.1, keys: keys))
    fixture.model.backward(upstream, kept, into: &whole)

    var pieces = Parameters(zerosLike: fixture.model.parameters)
    for (i, sequence) in fixture.sequences.enumerated() {
      let (_, kept) = fixture.model.forwardKeeping(
        PackedTokens([sequence]), dropout: Dropout(rate: 0.1, keys: [keys[i]]))
      fixture.model.backward(upstream[rows: i..<i + 1], kept, into: &pieces)
    }
    for (a, b) in zip(whole.values, pieces.values) {
      let size = max(a.sumOfSquares().squareRoot(), 1e-3)
      var difference = a
      difference.add(b, scaledBy: -1)
      #expect(difference.sumOfSquares().squareRoot() < 1e-5 * size)
    }
    #expect(whole.norm > 0)
  }
}

@Suite("Batches of texts")
struct BatchTests {
  @Test("every text is in one batch, long texts first, budgets kept", arguments: [1, 8, 30, 1000])
  func batches(budget: Int) {
    let lengths = [3, 9, 1, 4, 4, 30, 2, 8]
    let batches = PackedModel.batches(of: lengths, budget: budget)
    #expect(batches.flatMap { $0 }.sorted() == Array(lengths.indices))
    for batch in batches {
      #expect(batch.count == 1 || batch.reduce(0) { $0 + lengths[$1] } <= budget)
    }
    #expect(batches.flatMap { $0 }.map { lengths[$0] } == lengths.sorted(by: >))
    #expect(PackedModel.batches(of: [], budget: budget).isEmpty)
  }
}
