import Foundation
import TestSupport
import Testing

@testable import Encoder

@Suite("modules after the pooling that are refused")
struct HeadRefusalTests {
  static let dense = "2_Dense/config.json"

  static let refusals: [Refusal] = [
    Refusal(dense, "activation_function", "torch.nn.modules.activation.Softsign", of: "head",
      .unsupported, "Softsign", "torch.nn.modules.activation.Tanh"),
    Refusal(dense, "activation_function", "my.own.Tanh", of: "head", .unsupported, "my.own.Tanh"),
    Refusal(dense, "use_residual", true, of: "head", .unsupported),
    Refusal(dense, "in_features", .integer(23), of: "head", .invalidConfiguration, "23", "24"),
    Refusal(dense, "in_features", nil, of: "head", .invalidConfiguration),
    Refusal(dense, "out_features", nil, of: "head", .invalidConfiguration),
    Refusal("more columns than the next module takes", of: "head", .invalidConfiguration,
      "3_LayerNorm/config.json", "\"dimension\" is 10", "gives 11") {
      try $0.edit(dense, ["out_features": .integer(11)])
    },
    Refusal(dense, "module_input_name", "token_embeddings", of: "head", .unsupported),
    Refusal("3_LayerNorm/config.json", "dimension", .integer(9), of: "head", .invalidConfiguration,
      "9", "10"),
    Refusal("Dense before the pooling", of: "head", .unsupported, "lists Transformer, Dense") {
      try $0.editModule(1, ["type": "sentence_transformers.models.Dense"])
    },
    Refusal("asymmetric modules after the pooling", of: "head", .unsupported,
      "lists Transformer, Pooling, Router, LayerNorm") {
      try $0.editModule(2, ["type": "sentence_transformers.models.Asym"])
    },
  ]

  @Test("reading says what is wrong", arguments: refusals)
  func refused(_ refusal: Refusal) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: refusal.fixture)
    try refusal.change(model)
    let error = try encoderError(refusal.code) { _ = try EncoderFolder(reading: model) }
    for fragment in refusal.fragments + [model.path] {
      #expect(error.message.contains(fragment), "\(error.message)")
    }
  }

  @Test("weights of a module that are missing, of another shape or pickled are named")
  func weights() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "head")
    try model.edit("4_Dense/config.json", ["bias": true])
    var error = try encoderError(.missingTensor) {
      _ = try EncoderFolder(reading: model).canonicalTensors()
    }
    #expect(error.message.contains("4_Dense/model.safetensors"), "\(error.message)")
    #expect(error.message.contains("linear.bias"))
    try model.edit("4_Dense/config.json", ["bias": false, "out_features": .integer(7)])
    error = try encoderError(.wrongShape) {
      _ = try EncoderFolder(reading: model).canonicalTensors()
    }
    #expect(error.message.contains("[8, 10]") && error.message.contains("[7, 10]"))
    try FileManager.default.moveItem(
      at: model.appending(path: "4_Dense/model.safetensors"),
      to: model.appending(path: "4_Dense/pytorch_model.bin"))
    error = try encoderError(.unsupported) {
      _ = try EncoderFolder(reading: model).canonicalTensors()
    }
    #expect(error.message.contains("4_Dense/pytorch_model.bin"))
    #expect(error.message.contains("save_pretrained"))
  }

  @Test("an activation's path may be short, and is Tanh when left out")
  func activations() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "head")
    for (path, expected) in [
      ("torch.nn.Tanh", DenseActivation.tanh), ("torch.nn.modules.linear.Identity", .identity),
      ("torch.nn.modules.activation.ReLU", .relu), ("torch.nn.GELU", .gelu),
      ("torch.nn.modules.activation.Sigmoid", .sigmoid), (nil, .tanh),
    ] as [(String?, DenseActivation)] {
      try model.edit(Self.dense, ["activation_function": path.map { .string($0) }])
      let first = try EncoderFolder(reading: model).modules[0]
      #expect(first == .dense(inputs: 24, outputs: 10, bias: true, activation: expected))
    }
  }

  @Test("a shard that is missing, lacks a tensor, or lies elsewhere is named")
  func shards() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "sharded")
    let folder = try EncoderFolder(reading: model)
    #expect(folder.weightsPath.hasSuffix("model.safetensors.index.json"))
    let part = "model-00002-of-00003.safetensors"
    let first = "model-00001-of-00003.safetensors"
    try model.remove(part)
    var error = try encoderError(.missingFile) { _ = try folder.canonicalTensors() }
    #expect(error.message.contains(part))
    try FileManager.default.copyItem(
      at: model.appending(path: first), to: model.appending(path: part))
    error = try encoderError(.damagedFile) { _ = try folder.canonicalTensors() }
    #expect(error.message.contains(part) && error.message.contains("lacks"))
    let index = "model.safetensors.index.json"
    try model.edit(index, ["weight_map": .object(["x": "../x.safetensors"])])
    error = try encoderError(.damagedFile) { _ = try folder.canonicalTensors() }
    #expect(error.message.contains("outside"))
    try model.edit(index, ["weight_map": nil])
    error = try encoderError(.damagedFile) { _ = try folder.canonicalTensors() }
    #expect(error.message.contains("weight_map"))
  }
}
