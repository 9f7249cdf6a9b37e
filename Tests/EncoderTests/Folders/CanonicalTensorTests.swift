import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("canonical tensors")
struct CanonicalTensorTests {
  typealias Tensor = (name: String, shape: [Int], values: Matrix)

  /// All float tensors of a fixture, as they are named in its file.
  static func stored(_ fixture: String) throws -> [Tensor] {
    let file = try SafetensorsFile(
      path: FolderFixtures.url(fixture).appending(path: "model.safetensors").path)
    return try file.names.filter { $0 != "embeddings.position_ids" }.map { name in
      (name, try #require(file.shape(of: name)), try file.matrix(name))
    }
  }

  /// A copy of "legacy" whose weights are what `change` makes of them.
  static func changed(
    in scratch: TemporaryFolder, _ change: (inout [Tensor]) throws -> Void
  ) throws -> EncoderFolder {
    var tensors = try stored("legacy")
    try change(&tensors)
    let model = try scratch.copy(of: "legacy", as: UUID().uuidString)
    let path = model.appending(path: "model.safetensors").path
    try SafetensorsFile.write(tensors, metadata: [:], to: path)
    return try EncoderFolder(reading: model)
  }

  @Test("names of every variant become the canonical ones", arguments: ["plain", "dpr", "modern"])
  func variants(fixture: String) throws {
    let expected = try EncoderFolder(reading: FolderFixtures.url("legacy")).canonicalTensors()
    #expect(expected.count == 37)
    let pooling: PoolingMode? = fixture == "modern" ? nil : .cls
    let url = FolderFixtures.url(fixture)
    #expect(try EncoderFolder(reading: url, pooling: pooling).canonicalTensors() == expected)
  }

  @Test("vectors are rows, matrices keep their extents")
  func shapes() throws {
    let folder = try EncoderFolder(reading: FolderFixtures.url("legacy"))
    let tensors = try folder.canonicalTensors()
    let intermediate = try #require(tensors["encoder.layer.1.intermediate.dense.weight"])
    #expect((intermediate.rows, intermediate.columns) == (20, 12))
    let bias = try #require(tensors["encoder.layer.1.intermediate.dense.bias"])
    #expect((bias.rows, bias.columns) == (1, 20))
    #expect(tensors["pooler.dense.weight"] == nil)
  }

  @Test("a tensor that is missing, of another shape, beyond the model, double, or NaN is named")
  func faults() throws {
    let scratch = try TemporaryFolder()
    let name = "encoder.layer.1.output.dense.bias"
    func fault(
      _ code: EncoderError.Code, _ fragments: [String], _ change: (inout [Tensor]) -> Void
    ) throws {
      let folder = try Self.changed(in: scratch, change)
      let error = try encoderError(code) { _ = try folder.canonicalTensors() }
      for fragment in fragments + [folder.weightsPath] {
        #expect(error.message.contains(fragment), "\(error.message)")
      }
    }
    try fault(.missingTensor, [name]) { $0.removeAll { $0.name == name } }
    try fault(.wrongShape, [name, "[11]", "[12]"]) { tensors in
      let i = tensors.firstIndex { $0.name == name } ?? 0
      tensors[i] = (name, [11], Matrix(rows: 1, columns: 11))
    }
    try fault(.wrongShape, [name, "[1, 12]", "[12]"]) { tensors in
      let i = tensors.firstIndex { $0.name == name } ?? 0
      tensors[i].shape = [1, 12]
    }
    try fault(.unsupported, ["encoder.layer.2.output.dense.bias"]) {
      $0.append(("encoder.layer.2.output.dense.bias", [12], Matrix(rows: 1, columns: 12)))
    }
    try fault(.unsupported, [name, "bert.\(name)", "twice"]) {
      $0.append(("bert.\(name)", [12], Matrix(rows: 1, columns: 12)))
    }
    try fault(.notFinite, [name, "column 7"]) { tensors in
      let i = tensors.firstIndex { $0.name == name } ?? 0
      tensors[i].values[0, 7] = .nan
    }
  }

  @Test("heads and buffers are left out")
  func ignored() throws {
    let scratch = try TemporaryFolder()
    let folder = try Self.changed(in: scratch) { tensors in
      for name in ["cls.seq_relationship.weight", "classifier.bias", "embeddings.position_ids"] {
        tensors.append((name, [1, 24], Matrix(rows: 1, columns: 24)))
      }
    }
    #expect(try folder.canonicalTensors().count == 37)
  }
}
