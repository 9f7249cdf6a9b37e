import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoder

@Suite("writing model folders")
struct EncoderFolderWritingTests {
  typealias Tensor = (name: String, shape: [Int], values: Matrix)

  /// The weights of a folder, ready to be written.
  private func tensors(_ folder: EncoderFolder) throws -> [Tensor] {
    let values = try folder.canonicalTensors()
    return try folder.expectedTensors.map {
      ($0.name, $0.shape, try #require(values[$0.name]))
    }
  }

  @Test("what is written reads the same and has the same fingerprint",
    arguments: ["legacy", "modern", "plain", "dpr"], [PoolingMode.mean, .cls, .max])
  func roundTrip(fixture: String, pooling: PoolingMode) throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: fixture)
    if fixture == "legacy" || fixture == "modern" {
      try model.edit("1_Pooling/config.json", fixture == "modern"
        ? ["pooling_mode": .string(pooling.rawValue)]
        : [
          "pooling_mode_cls_token": .bool(pooling == .cls),
          "pooling_mode_mean_tokens": .bool(pooling == .mean),
          "pooling_mode_max_tokens": .bool(pooling == .max),
        ])
    }
    let source = try EncoderFolder(reading: model, pooling: pooling)
    let place = scratch.url.appending(path: "new/deep/folder")
    try source.write(to: place, tensors: tensors(source), modelCard: "# A card\n")
    let written = try EncoderFolder(reading: place)
    #expect(written.configuration == source.configuration)
    #expect(written.pooling == Pooling([pooling]) && written.normalizes == source.normalizes)
    #expect(written.maximumLength == source.maximumLength)
    #expect(written.prompts == source.prompts)
    #expect(written.similarityFunctionName == source.similarityFunctionName)
    #expect(try written.canonicalTensors() == source.canonicalTensors())
    #expect(
      try written.fingerprint(tokenizerIdentity: [1]) == source.fingerprint(tokenizerIdentity: [1]))
    #expect(
      try String(contentsOf: place.appending(path: "README.md"), encoding: .utf8) == "# A card\n")
  }

  @Test("constants, default prompt and tokenizer files survive")
  func details() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    try model.edit("config.json", [
      "layer_norm_eps": .number(1e-7), "hidden_act": "gelu_fast",
      "hidden_dropout_prob": .number(0.25), "pad_token_id": .integer(4),
    ])
    try model.edit("config_sentence_transformers.json", ["default_prompt_name": "query"])
    let source = try EncoderFolder(reading: model)
    let place = scratch.url.appending(path: "new")
    try source.write(to: place, tensors: tensors(source), modelCard: "")
    let written = try EncoderFolder(reading: place)
    #expect(written.configuration == source.configuration)
    #expect(written.defaultPromptName == "query")
    for name in [
      "tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json",
    ] {
      #expect(
        try Data(contentsOf: place.appending(path: name))
          == Data(contentsOf: model.appending(path: name)))
    }
    let file = try SafetensorsFile(path: written.weightsPath)
    #expect(file.names.contains("pooler.dense.bias") && file.names.count == 39)
  }

  @Test("the schema is the one that text-embeddings-inference documents")
  func servers() throws {
    let scratch = try TemporaryFolder()
    let source = try EncoderFolder(reading: FolderFixtures.url("head"))
    let place = scratch.url.appending(path: "new")
    try source.write(to: place, tensors: tensors(source), modelCard: "")
    let pooling = try JSONObject(contentsOf: place.appending(path: "1_Pooling/config.json"))
    #expect(pooling.fields == [
      "word_embedding_dimension": .integer(12), "include_prompt": false,
      "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true,
      "pooling_mode_max_tokens": false, "pooling_mode_mean_sqrt_len_tokens": false,
      "pooling_mode_weightedmean_tokens": false, "pooling_mode_lasttoken": false,
    ])
    let sentence = try JSONObject(contentsOf: place.appending(path: "sentence_bert_config.json"))
    #expect(try sentence.integer("max_seq_length", minimum: 1) == 20)
    guard
      case .array(let modules) = try JSONObject.value(
        contentsOf: place.appending(path: "modules.json"))
    else { Issue.record("no list"); return }
    let types = ["Transformer", "Pooling", "Dense", "LayerNorm", "Dense", "Normalize"]
    let paths = ["", "1_Pooling", "2_Dense", "3_LayerNorm", "4_Dense", "5_Normalize"]
    #expect(modules == types.indices.map { i in
      .object([
        "idx": .integer(i), "name": .string("\(i)"), "path": .string(paths[i]),
        "type": .string("sentence_transformers.models.\(types[i])"),
      ])
    })
    let dense = try JSONObject(contentsOf: place.appending(path: "4_Dense/config.json"))
    #expect(dense.fields == [
      "in_features": .integer(10), "out_features": .integer(8), "bias": false,
      "activation_function": "torch.nn.modules.activation.GELU",
    ])
    let file = try SafetensorsFile(
      path: place.appending(path: "4_Dense/model.safetensors").path)
    #expect(file.names == ["linear.weight"])
  }

  @Test("poolings joined in an order that only the newer schema has are written in it")
  func newerOrder() throws {
    let pooling = Pooling([.mean, .cls], includesPrompt: false)
    #expect(pooling.json(hiddenSize: 12) == .object([
      "embedding_dimension": .integer(12), "include_prompt": false,
      "pooling_mode": ["mean", "cls"],
    ]))
    guard case .object(let fields) = Pooling([.max, .mean]).json(hiddenSize: 12) else { return }
    #expect(fields["pooling_mode"] == nil && fields["pooling_mode_max_tokens"] == true)
  }

  @Test("a taken place is refused and stays as it is")
  func taken() throws {
    let scratch = try TemporaryFolder()
    let source = try EncoderFolder(reading: FolderFixtures.url("legacy"))
    let place = scratch.url.appending(path: "taken")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let error = try encoderError(.alreadyExists) {
      try source.write(to: place, tensors: tensors(source), modelCard: "")
    }
    #expect(error.message.contains(place.path))
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    #expect(try scratch.contents == ["taken"])
  }

  @Test("tensors that are not the model's are refused by name, and nothing is left behind")
  func wrongTensors() throws {
    let scratch = try TemporaryFolder()
    let source = try EncoderFolder(reading: FolderFixtures.url("legacy"))
    let name = "embeddings.LayerNorm.bias"
    func refused(_ code: EncoderError.Code, _ change: (inout [Tensor]) -> Void) throws {
      var changed = try tensors(source)
      change(&changed)
      let error = try encoderError(code) {
        try source.write(
          to: scratch.url.appending(path: "new"), tensors: changed, modelCard: "")
      }
      #expect(error.message.contains(name), "\(error.message)")
      #expect(try scratch.contents == [])
    }
    try refused(.missingTensor) { $0.removeAll { $0.name == name } }
    try refused(.missingTensor) { $0 += $0.filter { $0.name == name } }
    try refused(.invalidArgument) { $0.append(("bert.\(name)", [12], $0[0].values)) }
    for (code, shape, value) in [
      (EncoderError.Code.wrongShape, [1, 12], Float(0)), (.notFinite, [12], .infinity),
    ] {
      try refused(code) { tensors in
        let i = tensors.firstIndex { $0.name == name } ?? 0
        tensors[i].shape = shape
        tensors[i].values[0, 3] = value
      }
    }
  }

  @Test("when writing fails half-way nothing is left behind")
  func halfWay() throws {
    let scratch = try TemporaryFolder()
    let model = try scratch.copy(of: "legacy")
    let source = try EncoderFolder(reading: model)
    let weights = try tensors(source)
    try model.remove("vocab.txt")
    try FileManager.default.createDirectory(
      at: model.appending(path: "vocab.txt"), withIntermediateDirectories: true)
    try encoderError(.io) {
      try source.write(
        to: scratch.url.appending(path: "new"), tensors: weights, modelCard: "")
    }
    #expect(try scratch.contents == ["model"])
    try scratch.url.replace("file", by: "x")
    let error = try encoderError(.io) {
      try source.write(
        to: scratch.url.appending(path: "file/new"), tensors: weights, modelCard: "")
    }
    #expect(error.message.contains("file"))
  }
}
