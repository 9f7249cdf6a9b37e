import Foundation

/// `modules.json` of a sentence-transformers folder: what happens to a text, in order.
///
/// Freshet knows Transformer, then Pooling, then any number of Dense, LayerNorm and Normalize.
struct ModuleList: Sendable, Equatable {
  /// The kinds of modules Freshet knows.
  enum Kind: String, CaseIterable {
    case transformer = "Transformer"
    case pooling = "Pooling"
    case dense = "Dense"
    case layerNorm = "LayerNorm"
    case normalize = "Normalize"
  }

  /// A module after the pooling.
  struct Entry: Sendable, Equatable {
    let kind: Kind
    /// Its subfolder.
    let path: String
  }

  /// Subfolder of the transformer, "" for the folder itself.
  let transformerPath: String
  /// Subfolder of the pooling module.
  let poolingPath: String
  /// The modules after the pooling, in order.
  let head: [Entry]

  /// Class names up to sentence-transformers 5.3, and the ones from 5.4 on.
  private static let kinds: [String: Kind] = {
    var kinds: [String: Kind] = [
      "sentence_transformers.base.modules.transformer.Transformer": .transformer,
      "sentence_transformers.sentence_transformer.modules.pooling.Pooling": .pooling,
      "sentence_transformers.base.modules.dense.Dense": .dense,
      "sentence_transformers.sentence_transformer.modules.layer_norm.LayerNorm": .layerNorm,
      "sentence_transformers.base.modules.normalize.Normalize": .normalize,
      "sentence_transformers.sentence_transformer.modules.normalize.Normalize": .normalize,
    ]
    for kind in Kind.allCases { kinds["sentence_transformers.models.\(kind.rawValue)"] = kind }
    return kinds
  }()

  private static let known = "it knows Transformer, Pooling, Dense, LayerNorm and Normalize"

  /// Reads `modules.json`.
  ///
  /// - Throws: `EncoderError`: `.unsupported` naming a module Freshet does not know or an order it
  ///   does not know; `.invalidConfiguration`, `.damagedFile`.
  init(contentsOf file: URL) throws {
    guard case .array(let values) = try JSONObject.value(contentsOf: file) else {
      throw EncoderError(.invalidConfiguration, "\(file.path) is not a list of modules")
    }
    let modules = try values.enumerated().map { try Self.module($1, number: $0, file: file.path) }
    let kinds = modules.map(\.kind)
    guard kinds.prefix(2) == [.transformer, .pooling],
      !kinds.dropFirst(2).contains(where: { $0 == .transformer || $0 == .pooling })
    else {
      let found = kinds.isEmpty ? "no module" : kinds.map(\.rawValue).joined(separator: ", ")
      throw EncoderError(
        .unsupported,
        "\(file.path) lists \(found); Freshet reads Transformer, then Pooling, then any of Dense, "
          + "LayerNorm and Normalize")
    }
    transformerPath = modules[0].path
    poolingPath = modules[1].path
    head = Array(modules.dropFirst(2))
  }

  private static func module(
    _ value: JSONValue, number: Int, file: String
  ) throws -> Entry {
    guard case .object(let fields) = value else {
      throw EncoderError(.invalidConfiguration, "\(file): module \(number) is not an object")
    }
    let json = JSONObject(file: "\(file), module \(number)", fields: fields)
    let type = try json.string("type") ?? ""
    guard let kind = kinds[type] else {
      throw EncoderError(
        .unsupported,
        "\(file): module \(number) has type \(type.isEmpty ? "(none)" : type), which Freshet does "
          + "not know; \(known)")
    }
    let path = try json.string("path") ?? ""
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      throw EncoderError(
        .invalidConfiguration, "\(json.file): path \"\(path)\" leads out of the model's folder")
    }
    return Entry(kind: kind, path: path)
  }
}
