/// Every route of the service, in one list: what is routed, counted, protected and offered.
struct Route: Sendable {
  enum Method: String, Sendable {
    case get = "GET"
    case post = "POST"
  }

  /// Where the work runs.
  enum Place: Sendable {
    /// On the compute threads, behind the limit on requests in flight.
    case compute
    /// On a thread of its own that answers also while the compute threads are all taken.
    case side
    /// On the caller's: it asks nobody and cannot block.
    case immediate
  }

  let method: Method
  let path: String
  let place: Place
  /// True: answered without an API key.
  let isPublic: Bool
  let work: RouteWork
}

struct RouteTable: Sendable {
  let routes: [Route]

  init(backend: any RetrievalBackend, configuration: ServiceConfiguration, metrics: ServiceMetrics)
  {
    let limits = TextLimits(configuration)
    let search = SearchRoutes(backend: backend, limits: limits, metrics: metrics)
    let embedding = EmbeddingRoutes(backend: backend, limits: limits, metrics: metrics)
    let status = StatusRoutes(backend: backend, configuration: configuration, metrics: metrics)
    routes = [
      .compute(.post, "/search", search.post),
      .compute(.get, "/search", search.get),
      .compute(.post, "/v1/embeddings", embedding.openAI),
      .compute(.post, "/embed", embedding.textEmbeddingsInference),
      .get("/info", on: .side, isPublic: false, status.info),
      .get("/health", on: .immediate, isPublic: true, status.health),
      .get("/ready", on: .side, isPublic: true, status.ready),
      .get("/metrics", on: .side, isPublic: true, status.metricsText),
    ]
  }

  /// The methods that `path` answers to; empty for an unknown path. GET brings HEAD with it.
  func methods(for path: String) -> [String] {
    let wanted = Self.normalized(path)
    let methods = routes.filter { $0.path == wanted }.map(\.method)
    return methods.flatMap { $0 == .get ? ["GET", "HEAD"] : [$0.rawValue] }.sorted()
  }

  func isPublic(_ path: String) -> Bool {
    let wanted = Self.normalized(path)
    return routes.contains { $0.path == wanted && $0.isPublic }
  }

  /// As the router reads paths: empty components do not count.
  private static func normalized(_ path: String) -> String {
    "/" + path.split(separator: "/").joined(separator: "/")
  }
}

extension Route {
  fileprivate static func compute(
    _ method: Method, _ path: String, _ work: @escaping RouteWork
  ) -> Route {
    Route(method: method, path: path, place: .compute, isPublic: false, work: work)
  }

  fileprivate static func get(
    _ path: String, on place: Place, isPublic: Bool, _ work: @escaping RouteWork
  ) -> Route {
    Route(method: .get, path: path, place: place, isPublic: isPublic, work: work)
  }
}
