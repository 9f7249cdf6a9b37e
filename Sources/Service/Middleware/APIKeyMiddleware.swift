internal import HTTPTypes
internal import Hummingbird

/// Lets only requests with one of the keys through, except to public routes.
struct APIKeyMiddleware: RouterMiddleware {
  typealias Context = ServiceContext

  let keys: [String]
  let table: RouteTable

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    guard keys.isEmpty || table.isPublic(request.uri.path) || isAuthorized(request) else {
      throw RequestFailure(
        .unauthorized, "a valid API key is needed: send 'Authorization: Bearer KEY'")
    }
    return try await next(request, context)
  }

  private func isAuthorized(_ request: Request) -> Bool {
    guard let header = request.headers[.authorization],
      let key = Self.bearerKey(in: header)
    else { return false }
    // Every key is compared, so that the time does not tell which one was nearly right.
    return keys.reduce(false) { Self.areEqual($1, key) || $0 }
  }

  /// The key of `Bearer KEY`; the scheme's name is read in any case (RFC 9110 §11.1).
  static func bearerKey(in header: String) -> String? {
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1].drop { $0 == " " })
  }

  /// Equality in a time that depends on the candidate's length only, not on where it differs.
  static func areEqual(_ key: String, _ candidate: String) -> Bool {
    let expected = Array(key.utf8)
    var difference = expected.count ^ candidate.utf8.count
    for (index, byte) in candidate.utf8.enumerated() {
      difference |= Int(expected[index % max(expected.count, 1)] ^ byte)
    }
    return difference == 0
  }
}
