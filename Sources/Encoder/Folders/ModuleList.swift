import Foundation

/// `modules.json` of a sentence-transformers folder: what happens to a text, in order.
///
/// Freshet knows Transformer, then Pooling, then at most one Normalize.
struct ModuleList: Sendable, Equatable {
  /// Subfolder of the transformer, "" for the folder itself.
  let transformerPath: String
  /// Subfolder of the pooling module.
  let poolingPath: String
  /// Subfolder of the Normalize module, nil when there is none.
  let normalizePath: String?

  private enum Kind: String {
    case transformer = "Transformer"
    case pooling = "Pooling"
    case normalize = "Normalize"
  }

  /// Class names up to sentence-transformers 5.3, and from 5.4 on.
  private static let kinds: [String: Kind] = [
    "sentence_transformers.models.Transformer": .transformer,
    "sentence_transformers.models.Pooling": .pooling,
    "sentence_transformers.models.Normalize": .normalize,
    "sentence_transformers.base.modules.transformer.Transformer": .transformer,
    "sentence_transformers.sentence_transformer.modules.pooling.Pooling": .pooling,
    "sentence_transformers.base.modules.normalize.Normalize": .normalize,
  ]

  /// Reads `modules.json`.
  ///
  /// - Throws: `EncoderError`: `.unsupported` naming a module Freshet does not know or an order it
  ///   does not know; `.invalidConfiguration`, `.damagedFile`.
  init(contentsOf file: URL) throws {
    guard case .array(let values) = try JSONObject.value(contentsOf: file) else {
      throw EncoderError(.invalidConfiguration, "\(file.path) is not a list of modules")
    }
    let modules = try values.enumerated().map { try Self.module($1, number: $0, file: file.path) }
    let order = modules.map(\.kind)
    guard order == [.transformer, .pooling] || order == [.transformer, .pooling, .normalize] else {
      let found = order.isEmpty ? "no module" : order.map(\.rawValue).joined(separator: ", ")
      throw EncoderError(
        .unsupported,
        "\(file.path) lists \(found); Freshet reads Transformer, then Pooling, then perhaps "
          + "Normalize")
    }
    transformerPath = modules[0].path
    poolingPath = modules[1].path
    normalizePath = modules.count > 2 ? modules[2].path : nil
  }

  private static func module(
    _ value: JSONValue, number: Int, file: String
  ) throws -> (kind: Kind, path: String) {
    guard case .object(let fields) = value else {
      throw EncoderError(.invalidConfiguration, "\(file): module \(number) is not an object")
    }
    let json = JSONObject(file: "\(file), module \(number)", fields: fields)
    let type = try json.string("type") ?? ""
    guard let kind = kinds[type] else {
      throw EncoderError(
        .unsupported,
        "\(file): module \(number) has type \(type.isEmpty ? "(none)" : type), which Freshet does "
          + "not know; it knows Transformer, Pooling and Normalize")
    }
    let path = try json.string("path") ?? ""
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      throw EncoderError(
        .invalidConfiguration, "\(json.file): path \"\(path)\" leads out of the model's folder")
    }
    return (kind, path)
  }
}
