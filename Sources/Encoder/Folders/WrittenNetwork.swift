import Foundation
import Tensors

/// A network to be written: the folder its settings come from, its weights, and where they go.
struct WrittenNetwork {
  typealias Tensors = [(name: String, shape: [Int], values: Matrix)]

  let source: EncoderFolder
  let tensors: Tensors
  /// Its route of a Router; nil when it is the only network.
  let route: String?
  /// The pooler's tensors; nil for those of the source's own weights.
  private let newPooler: Tensors?

  init(
    _ source: EncoderFolder, _ tensors: Tensors, route: String? = nil, pooler: Tensors? = nil
  ) {
    (self.source, self.tensors, self.route, newPooler) = (source, tensors, route, pooler)
  }

  /// Subfolder and class of each of its modules, in order; the transformer of an only network lies
  /// in the model's folder itself.
  var modules: [(path: String, type: String)] {
    let types = ["Transformer", "Pooling"] + source.modules.map(\.typeName)
    return types.enumerated().map { index, type in
      let path = "\(index)_\(type)"
      return (route.map { "\($0)_\(path)" } ?? (index == 0 ? "" : path), type)
    }
  }

  /// Throws unless the tensors are exactly those of the configuration, and finite.
  func check() throws {
    var given = Dictionary(grouping: tensors, by: \.name)
    for (name, shape) in source.expectedTensors {
      guard let found = given.removeValue(forKey: name), found.count == 1 else {
        throw EncoderError(
          .missingTensor, "tensor \"\(name)\" must be given, once, to write a model")
      }
      guard found[0].shape == shape, found[0].values.count == shape.reduce(1, *) else {
        throw EncoderError(
          .wrongShape, "tensor \"\(name)\" has shape \(found[0].shape), the model's is \(shape)")
      }
      guard found[0].values.firstNonFinite() == nil else {
        throw EncoderError(
          .notFinite, "tensor \"\(name)\" holds NaN or infinity; it is not written")
      }
    }
    if let extra = given.keys.min() {
      throw EncoderError(.invalidArgument, "tensor \"\(extra)\" has no place in the model")
    }
  }

  /// Everything but the weights, by path: configurations in the schema up to 5.3, and the
  /// tokenizer's files.
  func smallFiles() throws -> [String: Data] {
    let paths = modules.map(\.path)
    var configurations: [String: JSONValue] = [
      Self.file("config.json", in: paths[0]): source.configuration.json,
      Self.file("sentence_bert_config.json", in: paths[0]): .object([
        "max_seq_length": .integer(source.maximumLength), "do_lower_case": .bool(false),
      ]),
      Self.file("config.json", in: paths[1]):
        source.pooling.json(hiddenSize: source.configuration.hiddenSize),
    ]
    for (path, module) in zip(paths.dropFirst(2), source.modules) where module != .normalize {
      configurations[Self.file("config.json", in: path)] = module.json
    }
    var files = try configurations.mapValues { try $0.text() }
    for (name, contents) in try tokenizerFiles() {
      files[Self.file(name, in: paths[0])] = contents
    }
    return files
  }

  /// Writes each module's tensors into its own file, under the names its class gives them.
  func writeWeights(into folder: URL) throws {
    let paths = modules.map { EncoderFolder.subfolder($0.path, of: folder) }
    let prefixes = source.modules.indices.map([HeadModule].prefix)
    let transformer = tensors.filter { tensor in !prefixes.contains { tensor.name.hasPrefix($0) } }
      .map { (TensorNames.stored($0.name, source.configuration.family), $0.shape, $0.values) }
    try Self.create(transformer + (newPooler ?? pooler()), in: paths[0])
    for (index, prefix) in prefixes.enumerated() where !source.modules[index].tensors.isEmpty {
      let own = tensors.filter { $0.name.hasPrefix(prefix) }
        .map { (String($0.name.dropFirst(prefix.count)), $0.shape, $0.values) }
      try Self.create(own, in: paths[index + 2])
    }
  }

  private static func create(_ tensors: Tensors, in folder: URL) throws {
    try SafetensorsFile.create(
      tensors, metadata: ["format": "pt"], at: folder.appending(path: "model.safetensors"))
  }

  private static func file(_ name: String, in subfolder: String) -> String {
    subfolder.isEmpty ? name : "\(subfolder)/\(name)"
  }

  /// The tokenizer's files as they are.
  private func tokenizerFiles() throws -> [String: Data] {
    let names = [
      "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt",
      "sentencepiece.bpe.model", "spiece.model", "special_tokens_map.json", "added_tokens.json",
    ]
    var files: [String: Data] = [:]
    for name in names {
      let file = source.tokenizerFolder.appending(path: name)
      if EncoderFolder.exists(file) { files[name] = try readFile(file) }
    }
    return files
  }

  /// The pooler of the source's own weights, under its canonical name.
  private func pooler() throws -> Tensors {
    let file = try WeightFiles(path: source.weightsPath)
    let names = file.names.map { (TensorNames.canonical($0, source.configuration.family), $0) }
    let stored = Dictionary(names) { first, _ in first }
    return try ["pooler.dense.weight", "pooler.dense.bias"].compactMap { name in
      guard let original = stored[name], let shape = file.shape(of: original) else { return nil }
      return (name, shape, try file.matrix(original))
    }
  }
}
