import Foundation

/// `router_config.json`: the routes of sentence-transformers' Router, which sends queries and
/// documents through modules of their own (from 5.0 on; `Asym` with a `config.json` before).
///
/// Its `encode_query` takes the route "query", `encode_document` the route "document". Other routes
/// are never taken by a text of either role and are passed over, and so is the default route.
struct RouterConfiguration {
  private let json: JSONObject
  /// The Router's own subfolder, "" for the model's folder.
  private let path: String

  /// Reads the file of a Router in the model's folder `url`.
  ///
  /// - Throws: `EncoderError`: `.missingFile`; `.damagedFile`; `.unsupported` when texts are sent
  ///   by other rules than their role.
  init(_ router: ModuleList.Entry, in url: URL) throws {
    path = router.path
    let folder = EncoderFolder.subfolder(path, of: url)
    let older = folder.appending(path: "config.json")
    let file = folder.appending(path: Self.fileName)
    json = try JSONObject(
      contentsOf: !EncoderFolder.exists(file) && EncoderFolder.exists(older) ? older : file)
    if let parameters = try json.object("parameters"),
      let rules = parameters.present("route_mappings"), rules != .object([:])
    {
      throw parameters.unsupported(
        "route_mappings", rules, "it reads routes that are chosen by their names alone")
    }
  }

  /// The file's name since sentence-transformers 5.0.
  static let fileName = "router_config.json"

  /// The modules that texts of a role go through: their route's, then those after the Router.
  ///
  /// - Throws: `EncoderError` naming a route or a type that is missing, or a module that is not
  ///   known; as ``ModuleChain``.
  func chain(
    for role: TextRole, followedBy others: some Sequence<ModuleList.Entry>
  ) throws -> ModuleChain {
    let route = role.route
    guard let structure = try json.object("structure"), let ids = try structure.strings(route)
    else {
      let found = try json.object("structure")?.fields.keys.sorted().map { "\"\($0)\"" } ?? []
      throw EncoderError(
        .unsupported,
        "\(json.file) has no route \"\(route)\", which \(role.plural) go through; its routes are "
          + (found.isEmpty ? "none" : found.joined(separator: ", ")))
    }
    return try ModuleChain(
      ids.map(module) + others, of: "\(json.file), route \"\(route)\",")
  }

  private func module(_ id: String) throws -> ModuleList.Entry {
    let place = "\(json.file): module \"\(id)\""
    guard !id.isEmpty, let type = try json.object("types")?.string(id) else {
      throw EncoderError(.invalidConfiguration, "\(place) stands in a route and has no type")
    }
    return ModuleList.Entry(
      kind: try ModuleList.kind(type, of: place),
      path: try ModuleList.checked(path.isEmpty ? id : "\(path)/\(id)", place))
  }
}

extension TextRole {
  /// The name of the role's route in a Router.
  var route: String {
    switch self {
    case .query: "query"
    case .passage: "document"
    }
  }

  /// For messages: texts of this role.
  var plural: String {
    switch self {
    case .query: "queries"
    case .passage: "passages"
    }
  }
}
