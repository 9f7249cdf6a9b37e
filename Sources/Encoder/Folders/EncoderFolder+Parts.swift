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
    _ chain: ModuleChain, in url: URL, _ configuration: BERTConfiguration, expected: PoolingMode?
  ) throws -> Pooling {
    let file = subfolder(chain.poolingPath, of: url).appending(path: "config.json")
    let pooling = try Pooling(contentsOf: file, hiddenSize: configuration.hiddenSize)
    if let expected, [expected] != pooling.modes {
      let found = pooling.modes.map(\.rawValue).joined(separator: " and ")
      throw EncoderError(
        .invalidArgument,
        "\(file.path) says pooling \(found), \(expected.rawValue) was asked for; "
          + "leave the choice out for folders that make it")
    }
    return pooling
  }

  /// The modules after the pooling, each fed by the one before.
  static func head(
    _ chain: ModuleChain, in url: URL, after pooling: Pooling, _ configuration: BERTConfiguration
  ) throws -> [HeadModule] {
    var width = pooling.width(hiddenSize: configuration.hiddenSize)
    return try chain.head.map { entry in
      let module = try HeadModule(entry, in: url, width: width)
      width = module.width(after: width)
      return module
    }
  }

  /// Throws when `expected` is not what the folder's modules do.
  static func check(_ expected: Bool?, of modules: [HeadModule], in url: URL) throws {
    let normalizes = modules.last == .normalize
    if let expected, expected != normalizes {
      throw EncoderError(
        .invalidArgument,
        "\(url.path)/modules.json says \(normalizes ? "" : "not ")to normalise, the opposite was "
          + "asked for; leave the choice out for folders that make it")
    }
  }

  /// The pooling of a plain folder: the one given, else the first token's state for DPR.
  static func given(_ pooling: PoolingMode?, for url: URL, _ tower: DPRTower?) throws -> Pooling {
    if let pooling { return Pooling([pooling]) }
    guard tower == nil else { return .cls }
    let known = PoolingMode.allCases.map(\.rawValue).joined(separator: ", ")
    throw EncoderError(
      .invalidArgument,
      "\(url.path) has no modules.json, so it does not say how to pool; say which of \(known)")
  }

  /// How many leading columns are kept of `width`: what was asked for, else what the folder says.
  static func dimensions(
    _ asked: Int?, _ settings: PromptSettings, of width: Int, in url: URL
  ) throws -> Int? {
    if let asked, !(1...width).contains(asked) {
      throw EncoderError(
        .invalidArgument,
        "\(url.path) gives embeddings of \(width) dimensions, \(asked) were asked for")
    }
    return (asked ?? settings.dimensions).flatMap { $0 < width ? $0 : nil }
  }

  /// The safetensors file in `folder`, or the index of several; other kinds of weights are refused
  /// by name.
  static func weights(in folder: URL) throws -> URL {
    let file = folder.appending(path: "model.safetensors")
    guard !exists(file) else { return file }
    let index = folder.appending(path: "model.safetensors.index.json")
    guard !exists(index) else { return index }
    let others = [
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
