import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("the folder of all-MiniLM-L6-v2", .enabled(
  if: realModel != nil, "needs the model: set FRESHET_MODEL or run tools/test, which fetches it"))
struct RealModelFolderTests {
  @Test("is read, and written so that it reads the same")
  func roundTrip() throws {
    let source = try EncoderFolder(reading: try #require(realModel))
    #expect(source.configuration == BERTConfiguration(
      vocabularySize: 30522, hiddenSize: 384, layerCount: 6, headCount: 12,
      intermediateSize: 1536))
    #expect(source.pooling == .mean && source.normalizes && source.maximumLength == 256)
    let values = try source.canonicalTensors()
    #expect(values.values.reduce(0) { $0 + $1.count } == 22_713_216 - 384 * 385)
    let scratch = try TemporaryFolder()
    let place = scratch.url.appending(path: "new")
    let tensors = try TensorNames.expected(source.configuration).map {
      ($0.name, $0.shape, try #require(values[$0.name]))
    }
    try source.write(to: place, tensors: tensors, modelCard: "")
    let written = try EncoderFolder(reading: place)
    #expect(
      try written.fingerprint(tokenizerIdentity: []) == source.fingerprint(tokenizerIdentity: []))
    #expect(try written.canonicalTensors() == values)
  }
}
