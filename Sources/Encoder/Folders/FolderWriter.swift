import Foundation

/// Writes the networks of an encoder as one sentence-transformers folder, in the schema of versions
/// up to 5.3, which later ones and the servers read too.
struct FolderWriter {
  /// One, or one per route: the query's and the passage's.
  let networks: [WrittenNetwork]
  /// The text of `README.md`.
  let modelCard: String

  /// Where prompts and the like come from: they are the encoder's, not one network's.
  private var source: EncoderFolder { networks[networks.count - 1].source }
  private var isRouted: Bool { networks.contains { $0.route != nil } }

  /// Writes the folder whole or not at all.
  func write(to destination: URL) throws {
    for network in networks { try network.check() }
    guard !EncoderFolder.exists(destination) else {
      throw EncoderError(
        .alreadyExists, "\(destination.path) exists already; remove it or choose another name")
    }
    let parent = destination.deletingLastPathComponent()
    let temporary = DurableFiles.temporary(beside: destination)
    do {
      try Self.createFolder(parent)
      try fill(temporary)
      try DurableFiles.move(temporary, to: destination)
    } catch {
      try? FileManager.default.removeItem(at: temporary)
      throw error
    }
  }

  /// Creates `folder` with everything in it, flushed.
  private func fill(_ folder: URL) throws {
    try Self.createFolder(folder)
    let subfolders = networks.flatMap(\.modules)
      .filter { !$0.path.isEmpty && $0.type != HeadModule.normalize.typeName }
      .map { folder.appending(path: $0.path) }
    for place in subfolders { try Self.createFolder(place) }
    var files = try sharedConfigurations().mapValues { try $0.text() }
    files["README.md"] = Data(modelCard.utf8)
    for network in networks { files.merge(try network.smallFiles()) { own, _ in own } }
    for (name, contents) in files {
      try DurableFiles.create(folder.appending(path: name)) { try $0.write(contentsOf: contents) }
    }
    for network in networks { try network.writeWeights(into: folder) }
    for place in subfolders + [folder] { try DurableFiles.flush(folder: place) }
  }

  private static func createFolder(_ place: URL) throws {
    try DurableFiles.attempt("cannot create \(place.path)") {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    }
  }

  /// The files that are not one network's, by name.
  private func sharedConfigurations() -> [String: JSONValue] {
    let modules = isRouted ? [("", "Router")] : networks.flatMap(\.modules)
    var files = [
      "modules.json": JSONValue.array(
        modules.enumerated().map { index, module in
          .object([
            "idx": .integer(index), "name": .string("\(index)"), "path": .string(module.0),
            "type": .string(Self.className(module.1)),
          ])
        }),
      "config_sentence_transformers.json": promptConfiguration(),
    ]
    if isRouted { files[RouterConfiguration.fileName] = routerConfiguration() }
    return files
  }

  private static func className(_ type: String) -> String { "sentence_transformers.models.\(type)" }

  private func routerConfiguration() -> JSONValue {
    var types: [String: JSONValue] = [:]
    var structure: [String: JSONValue] = [:]
    for network in networks {
      guard let route = network.route else { continue }
      structure[route] = .array(network.modules.map { .string($0.path) })
      for module in network.modules { types[module.path] = .string(Self.className(module.type)) }
    }
    return .object([
      "types": .object(types), "structure": .object(structure),
      "parameters": .object([
        "default_route": .string(TextRole.passage.route), "allow_empty_key": .bool(true),
      ]),
    ])
  }

  private func promptConfiguration() -> JSONValue {
    var fields: [String: JSONValue] = [
      "prompts": .object(writtenPrompts().mapValues { .string($0) }),
      "default_prompt_name": source.defaultPromptName.map { .string($0) } ?? .null,
      "similarity_fn_name": source.similarityFunctionName.map { .string($0) } ?? .null,
    ]
    let dimensions = networks.lazy.compactMap(\.source.dimensions).first
    if let dimensions { fields["truncate_dim"] = .integer(dimensions) }
    return .object(fields)
  }

  /// The prompts, and those of the roles under the names sentence-transformers looks for first:
  /// it would use none where the source calls a prompt "passage" or has only a default one.
  private func writtenPrompts() -> [String: String] {
    var prompts = source.prompts
    for (role, name) in [(TextRole.query, "query"), (.passage, "document")] {
      let used = source.prompt(for: role)
      if prompts[name, default: ""] != used { prompts[name] = used }
    }
    return prompts
  }
}
