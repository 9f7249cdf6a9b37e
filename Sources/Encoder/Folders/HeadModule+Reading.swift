import Foundation

extension HeadModule {
  /// Reads the `config.json` of a module after the pooling.
  ///
  /// - Parameters:
  ///   - entry: what `modules.json` says of it.
  ///   - width: columns it is given.
  /// - Throws: `EncoderError`: `.unsupported` naming an activation, a switch or an input that
  ///   Freshet does not know; `.invalidConfiguration` when it wants another width; `.missingFile`.
  init(_ entry: ModuleList.Entry, in url: URL, width: Int) throws {
    let file = EncoderFolder.subfolder(entry.path, of: url).appending(path: "config.json")
    switch entry.kind {
    case .dense: self = try Self.dense(JSONObject(contentsOf: file), width: width)
    case .layerNorm:
      let json = try JSONObject(contentsOf: file)
      try Self.require("dimension", of: json, toBe: width)
      self = .layerNorm(width: width)
    case .normalize, .transformer, .pooling, .router:
      if !entry.path.isEmpty, let json = try JSONObject.read(ifPresent: file) {
        try Self.refuseOtherFeatures(json)
      }
      self = .normalize
    }
  }

  private static func dense(_ json: JSONObject, width: Int) throws -> HeadModule {
    try refuseOtherFeatures(json)
    try require("in_features", of: json, toBe: width)
    guard let outputs = try json.integer("out_features", minimum: 1) else {
      throw EncoderError(.invalidConfiguration, "\(json.file) has no \"out_features\"")
    }
    if try json.bool("use_residual") == true {
      throw json.unsupported("use_residual", .bool(true), "it reads Dense without residual")
    }
    let path = try json.string("activation_function") ?? DenseActivation.tanh.importPath
    guard let activation = DenseActivation(importPath: path) else {
      let known = DenseActivation.allCases.map(\.importPath).joined(separator: ", ")
      throw json.unsupported("activation_function", .string(path), "it knows \(known)")
    }
    return .dense(
      inputs: width, outputs: outputs, bias: try json.bool("bias") ?? true, activation: activation)
  }

  private static func require(_ key: String, of json: JSONObject, toBe width: Int) throws {
    guard let found = try json.integer(key, minimum: 1) else {
      throw EncoderError(.invalidConfiguration, "\(json.file) has no \"\(key)\"")
    }
    guard found == width else {
      throw EncoderError(
        .invalidConfiguration,
        "\(json.file): \"\(key)\" is \(found), the module before it gives \(width)")
    }
  }

  /// Throws when the module reads or writes something else than the sentence's embedding.
  private static func refuseOtherFeatures(_ json: JSONObject) throws {
    for key in ["module_input_name", "module_output_name"] {
      guard let name = try json.string(key), name != "sentence_embedding" else { continue }
      throw json.unsupported(key, .string(name), "it knows \"sentence_embedding\"")
    }
  }

  /// The module's `config.json`, as every version of sentence-transformers reads it.
  var json: JSONValue {
    switch self {
    case .dense(let inputs, let outputs, let bias, let activation):
      .object([
        "in_features": .integer(inputs), "out_features": .integer(outputs), "bias": .bool(bias),
        "activation_function": .string(activation.importPath),
      ])
    case .layerNorm(let width): .object(["dimension": .integer(width)])
    case .normalize: .object([:])
    }
  }
}
