/// The JSON files of a sentence-transformers folder as versions up to 5.3 write them.
extension EncoderFolder {
  /// File names, relative to the folder, and contents.
  func legacyConfigurations() -> [String: JSONValue] {
    var files: [String: JSONValue] = [
      "config.json": configuration.json,
      "modules.json": .array(moduleList()),
      "1_Pooling/config.json": pooling.json(hiddenSize: configuration.hiddenSize),
      "sentence_bert_config.json": .object([
        "max_seq_length": .integer(maximumLength), "do_lower_case": .bool(false),
      ]),
      "config_sentence_transformers.json": promptConfiguration(),
    ]
    for (index, module) in modules.enumerated() where module != .normalize {
      files["\(subfolder(of: index))/config.json"] = module.json
    }
    return files
  }

  /// The subfolder of one of `modules` in a written folder.
  func subfolder(of index: Int) -> String { "\(index + 2)_\(modules[index].typeName)" }

  private func moduleList() -> [JSONValue] {
    var list = [("", "Transformer"), ("1_Pooling", "Pooling")]
    list += modules.indices.map { (subfolder(of: $0), modules[$0].typeName) }
    return list.enumerated().map { index, module in
      .object([
        "idx": .integer(index), "name": .string("\(index)"), "path": .string(module.0),
        "type": .string("sentence_transformers.models.\(module.1)"),
      ])
    }
  }

  private func promptConfiguration() -> JSONValue {
    var fields: [String: JSONValue] = [
      "prompts": .object(writtenPrompts().mapValues { .string($0) }),
      "default_prompt_name": defaultPromptName.map { .string($0) } ?? .null,
      "similarity_fn_name": similarityFunctionName.map { .string($0) } ?? .null,
    ]
    if let dimensions { fields["truncate_dim"] = .integer(dimensions) }
    return .object(fields)
  }

  /// The prompts, and those of the roles under the names sentence-transformers looks for first:
  /// it would use none where this folder calls a prompt "passage" or has only a default one.
  private func writtenPrompts() -> [String: String] {
    var prompts = prompts
    for (role, name) in [(TextRole.query, "query"), (.passage, "document")] {
      let used = prompt(for: role)
      if prompts[name, default: ""] != used { prompts[name] = used }
    }
    return prompts
  }
}
