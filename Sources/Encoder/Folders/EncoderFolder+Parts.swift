import Foundation

/// Finding and checking the parts of a folder.
extension EncoderFolder {
  static func exists(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }

  static func subfolder(_ path: String, of folder: URL) -> URL {
    path.isEmpty ? folder : folder.appending(path: path)
  }

  /// Throws unless `url` is a folder.
  static func requireFolder(_ url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw EncoderError(
        .missingFile, "there is no encoder at \(url.path): the folder does not exist")
    }
    guard isFolder.boolValue else {
      throw EncoderError(
        .invalidArgument, "\(url.path) is a file; name the folder that holds config.json")
    }
  }

  /// The pooling the folder's modules ask for.
  static func pooling(
    _ modules: ModuleList, in url: URL, _ configuration: BERTConfiguration,
    _ prompts: PromptSettings, expected: PoolingMode?
  ) throws -> PoolingMode {
    let file = subfolder(modules.poolingPath, of: url).appending(path: "config.json")
    let pooling = try PoolingConfiguration(
      contentsOf: file, hiddenSize: configuration.hiddenSize)
    guard pooling.includesPrompt || prompts.prompts.values.allSatisfy(\.isEmpty) else {
      throw EncoderError(
        .unsupported,
        "\(file.path): \"include_prompt\" is false, and Freshet pools over prompts as well")
    }
    if let expected, expected != pooling.mode {
      throw EncoderError(
        .invalidArgument,
        "\(file.path) says pooling \(pooling.mode.rawValue), \(expected.rawValue) was asked for; "
          + "leave the choice out for folders that make it")
    }
    return pooling.mode
  }

  /// Whether the folder's modules end in Normalize.
  static func normalizes(_ modules: ModuleList, in url: URL, expected: Bool?) throws -> Bool {
    let normalizes = modules.normalizePath != nil
    if let path = modules.normalizePath {
      let file = subfolder(path, of: url).appending(path: "config.json")
      if path != "", let json = try JSONObject.read(ifPresent: file) {
        for key in ["module_input_name", "module_output_name"] {
          guard let name = try json.string(key), name != "sentence_embedding" else { continue }
          throw json.unsupported(key, .string(name), "it knows \"sentence_embedding\"")
        }
      }
    }
    if let expected, expected != normalizes {
      throw EncoderError(
        .invalidArgument,
        "\(url.path)/modules.json says \(normalizes ? "" : "not ")to normalise, the opposite was "
          + "asked for; leave the choice out for folders that make it")
    }
    return normalizes
  }

  /// The pooling given for a plain folder.
  static func given(_ pooling: PoolingMode?, for url: URL) throws -> PoolingMode {
    guard let pooling else {
      let known = PoolingMode.allCases.map(\.rawValue).joined(separator: ", ")
      throw EncoderError(
        .invalidArgument,
        "\(url.path) has no modules.json, so it does not say how to pool; say which of \(known)")
    }
    return pooling
  }

  /// The safetensors file in `folder`; other kinds of weights are refused by name.
  static func weights(in folder: URL) throws -> URL {
    let file = folder.appending(path: "model.safetensors")
    guard !exists(file) else { return file }
    let others = [
      ("model.safetensors.index.json", "weights in several files; join them"),
      ("pytorch_model.bin", "pickled weights; convert them"),
      ("pytorch_model.bin.index.json", "pickled weights in several files; convert them"),
      ("tf_model.h5", "TensorFlow weights; convert them"),
      ("adapter_model.safetensors", "an adapter; merge it into its base model"),
    ]
    for (name, kind) in others where exists(folder.appending(path: name)) {
      throw EncoderError(
        .unsupported,
        "\(folder.path)/\(name): \(kind) into one model.safetensors, in Python "
          + "SentenceTransformer(old).save_pretrained(new) does it")
    }
    throw EncoderError(.missingFile, "\(file.path) does not exist: the folder has no weights")
  }
}
