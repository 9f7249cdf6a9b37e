/// The JSON files of a sentence-transformers folder as versions up to 5.3 write them.
extension EncoderFolder {
  /// File names, relative to the folder, and contents.
  func legacyConfigurations() -> [String: JSONValue] {
    [
      "config.json": configuration.json,
      "modules.json": .array(modules()),
      "1_Pooling/config.json": poolingConfiguration(),
      "sentence_bert_config.json": .object([
        "max_seq_length": .integer(maximumLength), "do_lower_case": .bool(false),
      ]),
      "config_sentence_transformers.json": promptConfiguration(),
    ]
  }

  private func modules() -> [JSONValue] {
    let list = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return list.prefix(normalizes ? 3 : 2).enumerated().map { index, module in
      .object([
        "idx": .integer(index), "name": .string("\(index)"), "path": .string(module.0),
        "type": .string("sentence_transformers.models.\(module.1)"),
      ])
    }
  }

  private func poolingConfiguration() -> JSONValue {
    .object([
      "word_embedding_dimension": .integer(configuration.hiddenSize),
      "pooling_mode_cls_token": .bool(pooling == .cls),
      "pooling_mode_mean_tokens": .bool(pooling == .mean),
      "pooling_mode_max_tokens": .bool(pooling == .max),
      "pooling_mode_mean_sqrt_len_tokens": .bool(false),
      "pooling_mode_weightedmean_tokens": .bool(false),
      "pooling_mode_lasttoken": .bool(false),
      "include_prompt": .bool(true),
    ])
  }

  private func promptConfiguration() -> JSONValue {
    .object([
      "prompts": .object(prompts.mapValues { .string($0) }),
      "default_prompt_name": defaultPromptName.map { .string($0) } ?? .null,
      "similarity_fn_name": similarityFunctionName.map { .string($0) } ?? .null,
    ])
  }
}
