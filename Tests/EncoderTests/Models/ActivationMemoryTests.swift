import Tensors
import Testing

@testable import Encoder

@Suite("The memory of a training pass is known before it runs")
struct ActivationMemoryTests {
  static let shapes: [(layers: Int, hidden: Int, inner: Int, lengths: [Int])] = [
    (1, 16, 64, [40, 24]), (2, 24, 48, [3, 50, 17]), (4, 32, 128, [64, 64]), (3, 16, 16, [128]),
  ]

  @Test("measured within 5% of the plan", arguments: shapes, [false, true])
  func planned(
    shape: (layers: Int, hidden: Int, inner: Int, lengths: [Int]), dropout: Bool
  ) throws {
    let configuration = Self.configuration(shape)
    let model = PackedModel(training: try .random(configuration))
    let tokens = PackedTokens(shape.lengths.map { (0..<$0).map { Int32($0 % 50) } })
    let keys = dropout ? Dropout(rate: 0, keys: shape.lengths.indices.map(UInt64.init)) : nil
    var gradients = Parameters(zerosLike: model.model.parameters)
    let measured = MatrixMemory.peakBytes {
      let (embeddings, kept) = model.forwardKeeping(tokens, dropout: keys)
      model.backward(embeddings, kept, into: &gradients)
    }
    let planned = ActivationMemory(of: configuration, tokens: tokens.count).peakBytes
    #expect(abs(Double(measured) / Double(planned) - 1) < 0.05, "\(measured), planned \(planned)")
  }

  @Test("a pass that keeps nothing: measured within 5% of the plan", arguments: shapes)
  func passing(shape: (layers: Int, hidden: Int, inner: Int, lengths: [Int])) throws {
    let configuration = Self.configuration(shape)
    let model = PackedModel(training: try .random(configuration))
    let tokens = PackedTokens(shape.lengths.map { (0..<$0).map { Int32($0 % 50) } })
    let keys = Dropout(rate: 0, keys: shape.lengths.indices.map(UInt64.init))
    var embeddings = Matrix(rows: 0, columns: 0)
    let measured = MatrixMemory.peakBytes {
      embeddings = model.forwardDropping(tokens, dropout: keys)
    }
    let planned = ActivationMemory(of: configuration, tokens: tokens.count).passingBytes
    #expect(abs(Double(measured) / Double(planned) - 1) < 0.05, "\(measured), planned \(planned)")
    #expect(embeddings == model.forwardKeeping(tokens, dropout: keys).0)
  }

  @Test("packed weights take what was said", arguments: shapes)
  func packed(shape: (layers: Int, hidden: Int, inner: Int, lengths: [Int])) throws {
    let configuration = Self.configuration(shape)
    let model = PackedModel(training: try .random(configuration))
    #expect(model.byteCount == configuration.packedTrainingBytes)
  }

  static func configuration(
    _ shape: (layers: Int, hidden: Int, inner: Int, lengths: [Int])
  ) -> BERTConfiguration {
    BERTConfiguration(
      vocabularySize: 50, hiddenSize: shape.hidden, layerCount: shape.layers, headCount: 4,
      intermediateSize: shape.inner, maximumPositions: 128)
  }
}
