public import Foundation
public import Tensors

extension EncoderFolder {
  /// Writes a complete sentence-transformers folder: this one with other weights.
  ///
  /// The schema is that of sentence-transformers up to 5.3, which later versions and the servers
  /// read too. Tokenizer files are copied; the pooler, which embeddings do not use, is carried over
  /// when there is one, so that Python loads without a warning. The folder appears whole or not at
  /// all.
  ///
  /// - Parameters:
  ///   - destination: where to; nothing may be there. Folders above it are made.
  ///   - tensors: every weight by canonical name, in any order; see ``canonicalTensors()``.
  ///   - modelCard: the text of `README.md`.
  /// - Throws: `EncoderError`: `.alreadyExists`; `.missingTensor`, `.wrongShape`, `.notFinite` or
  ///   `.invalidArgument` naming a tensor; `.io` when the system refuses. No part of it
  ///   is left then.
  public func write(
    to destination: URL, tensors: [(name: String, shape: [Int], values: Matrix)],
    modelCard: String
  ) throws {
    try check(tensors)
    guard !Self.exists(destination) else {
      throw EncoderError(
        .alreadyExists, "\(destination.path) exists already; remove it or choose another name")
    }
    let parent = destination.deletingLastPathComponent()
    let temporary = DurableFiles.temporary(beside: destination)
    do {
      try DurableFiles.attempt("cannot create \(parent.path)") {
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
      }
      try fill(temporary, tensors: tensors, modelCard: modelCard)
      try DurableFiles.move(temporary, to: destination)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
  }

  /// Throws unless the tensors are exactly those of the configuration, and finite.
  private func check(_ tensors: [(name: String, shape: [Int], values: Matrix)]) throws {
    var given = Dictionary(grouping: tensors, by: \.name)
    for (name, shape) in expectedTensors {
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

  /// Creates `folder` with everything in it, flushed.
  private func fill(
    _ folder: URL, tensors: [(name: String, shape: [Int], values: Matrix)], modelCard: String
  ) throws {
    let filled = modules.indices.filter { modules[$0] != .normalize }
    let subfolders = ["1_Pooling"] + filled.map(subfolder(of:))
    for name in subfolders {
      let place = folder.appending(path: name)
      try DurableFiles.attempt("cannot create \(place.path)") {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      }
    }
    var files = try legacyConfigurations().mapValues { try $0.text() }
    files["README.md"] = Data(modelCard.utf8)
    files.merge(try tokenizerFiles()) { own, _ in own }
    for (name, contents) in files {
      try DurableFiles.create(folder.appending(path: name)) { try $0.write(contentsOf: contents) }
    }
    try writeWeights(tensors, into: folder)
    for name in subfolders { try DurableFiles.flush(folder: folder.appending(path: name)) }
    try DurableFiles.flush(folder: folder)
  }

  /// Writes each module's tensors into its own file, under the names its class gives them.
  private func writeWeights(
    _ tensors: [(name: String, shape: [Int], values: Matrix)], into folder: URL
  ) throws {
    let prefixes = modules.indices.map([HeadModule].prefix)
    let transformer = tensors.filter { tensor in !prefixes.contains { tensor.name.hasPrefix($0) } }
      .map { (TensorNames.stored($0.name, configuration.family), $0.shape, $0.values) }
    let metadata = ["format": "pt"]
    try SafetensorsFile.create(
      transformer + pooler(), metadata: metadata,
      at: folder.appending(path: "model.safetensors"))
    for (index, prefix) in prefixes.enumerated() where !modules[index].tensors.isEmpty {
      let own = tensors.filter { $0.name.hasPrefix(prefix) }
        .map { (String($0.name.dropFirst(prefix.count)), $0.shape, $0.values) }
      try SafetensorsFile.create(
        own, metadata: metadata,
        at: folder.appending(path: subfolder(of: index)).appending(path: "model.safetensors"))
    }
  }

  /// The tokenizer's files as they are.
  private func tokenizerFiles() throws -> [String: Data] {
    let names = [
      "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt",
      "sentencepiece.bpe.model", "spiece.model", "special_tokens_map.json", "added_tokens.json",
    ]
    var files: [String: Data] = [:]
    for name in names where Self.exists(tokenizerFolder.appending(path: name)) {
      files[name] = try readFile(tokenizerFolder.appending(path: name))
    }
    return files
  }

  /// The pooler of this folder's own weights, under its canonical name.
  private func pooler() throws -> [(name: String, shape: [Int], values: Matrix)] {
    let file = try WeightFiles(path: weightsPath)
    let names = file.names.map { (TensorNames.canonical($0, configuration.family), $0) }
    let stored = Dictionary(names) { first, _ in first }
    return try ["pooler.dense.weight", "pooler.dense.bias"].compactMap { name in
      guard let original = stored[name], let shape = file.shape(of: original) else { return nil }
      return (name, shape, try file.matrix(original))
    }
  }
}
