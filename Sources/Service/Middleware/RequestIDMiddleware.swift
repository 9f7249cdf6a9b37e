internal import HTTPTypes
internal import Hummingbird

/// Answers every request with an `x-request-id`: the client's own when it sent a sound one.
struct RequestIDMiddleware: RouterMiddleware {
  typealias Context = ServiceContext

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    if let id = request.headers[.requestID], Self.isSound(id) { context.adopt(requestID: id) }
    var response = try await next(request, context)
    response.headers[.requestID] = context.requestID
    return response
  }

  /// Short and printable ASCII: it is written to the log and sent back.
  private static func isSound(_ id: String) -> Bool {
    (1...128).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
