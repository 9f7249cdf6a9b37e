import Foundation

/// `modules.json` of a sentence-transformers folder: what happens to a text, in order.
///
/// Freshet knows Transformer, then Pooling, then any number of Dense, LayerNorm and Normalize. A
/// Router in front of them sends queries and passages through modules of their own; what follows
/// the Router in the list, both go through.
struct ModuleList: Sendable, Equatable {
  /// The kinds of modules Freshet knows.
  enum Kind: String, CaseIterable {
    case router = "Router"
    case transformer = "Transformer"
    case pooling = "Pooling"
    case dense = "Dense"
    case layerNorm = "LayerNorm"
    case normalize = "Normalize"
  }

  /// A module of the list.
  struct Entry: Sendable, Equatable {
    let kind: Kind
    /// Its subfolder.
    let path: String
  }

  /// The modules a query goes through.
  let query: ModuleChain
  /// The modules a passage goes through: the same ones, unless there is a Router.
  let passage: ModuleChain

  /// The modules a text of this role goes through.
  func chain(for role: TextRole) -> ModuleChain {
    switch role {
    case .query: query
    case .passage: passage
    }
  }

  /// Reads `modules.json`, and the Router's file when there is a Router.
  ///
  /// - Throws: `EncoderError`: `.unsupported` naming a module Freshet does not know or an order it
  ///   does not know; `.invalidConfiguration`, `.damagedFile`; as ``RouterConfiguration``.
  init(contentsOf file: URL) throws {
    guard case .array(let values) = try JSONObject.value(contentsOf: file) else {
      throw EncoderError(.invalidConfiguration, "\(file.path) is not a list of modules")
    }
    let modules = try values.enumerated().map { try Self.module($1, number: $0, file: file.path) }
    guard let first = modules.first, first.kind == .router else {
      query = try ModuleChain(modules, of: file.path)
      passage = query
      return
    }
    let router = try RouterConfiguration(first, in: file.deletingLastPathComponent())
    query = try router.chain(for: .query, followedBy: modules.dropFirst())
    passage = try router.chain(for: .passage, followedBy: modules.dropFirst())
  }

  private static func module(
    _ value: JSONValue, number: Int, file: String
  ) throws -> Entry {
    guard case .object(let fields) = value else {
      throw EncoderError(.invalidConfiguration, "\(file): module \(number) is not an object")
    }
    let json = JSONObject(file: "\(file), module \(number)", fields: fields)
    let kind = try kind(json.string("type") ?? "", of: "\(file): module \(number)")
    return Entry(kind: kind, path: try checked(json.string("path") ?? "", json.file))
  }
}

extension ModuleList {
  /// Class names up to sentence-transformers 5.3, and the ones from 5.4 on.
  private static let kinds: [String: Kind] = {
    var kinds: [String: Kind] = [
      "sentence_transformers.base.modules.router.Router": .router,
      "sentence_transformers.models.Asym": .router,
      "sentence_transformers.models.Asym.Asym": .router,
      "sentence_transformers.base.modules.transformer.Transformer": .transformer,
      "sentence_transformers.sentence_transformer.modules.pooling.Pooling": .pooling,
      "sentence_transformers.base.modules.dense.Dense": .dense,
      "sentence_transformers.sentence_transformer.modules.layer_norm.LayerNorm": .layerNorm,
      "sentence_transformers.base.modules.normalize.Normalize": .normalize,
      "sentence_transformers.sentence_transformer.modules.normalize.Normalize": .normalize,
    ]
    for kind in Kind.allCases {
      let name = "sentence_transformers.models.\(kind.rawValue)"
      kinds[name] = kind
      kinds["\(name).\(kind.rawValue)"] = kind  // as routers up to 5.3 name their modules
    }
    return kinds
  }()

  private static let known =
    "it knows Transformer, Pooling, Dense, LayerNorm and Normalize, and a Router in front"

  /// The kind of module that a class name means; `module` names it in the error.
  static func kind(_ type: String, of module: String) throws -> Kind {
    guard let kind = kinds[type] else {
      throw EncoderError(
        .unsupported,
        "\(module) has type \(type.isEmpty ? "(none)" : type), which Freshet does not know; "
          + known)
    }
    return kind
  }

  /// A module's subfolder, which must lie in the model's folder.
  static func checked(_ path: String, _ place: String) throws -> String {
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      throw EncoderError(
        .invalidConfiguration, "\(place): path \"\(path)\" leads out of the model's folder")
    }
    return path
  }
}
