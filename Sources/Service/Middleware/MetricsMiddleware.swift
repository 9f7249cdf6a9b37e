internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Counts and times every request, and logs it.
struct MetricsMiddleware: RouterMiddleware {
  typealias Context = ServiceContext

  let metrics: ServiceMetrics
  let now: @Sendable () -> ContinuousClock.Instant

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let start = now()
    metrics.requestBegan()
    do {
      let response = try await next(request, context)
      end(context, status: Int(response.status.code), since: start)
      return response
    } catch {
      // The bytes were not HTTP, or the client went away: the server answers 400 if it still can.
      end(context, status: 400, since: start)
      throw error
    }
  }

  private func end(_ context: ServiceContext, status: Int, since start: ContinuousClock.Instant) {
    let seconds = (now() - start) / .seconds(1)
    let route = Self.label(context.endpointPath)
    metrics.requestEnded(route: route, status: status, seconds: seconds)
    context.logger.debug(
      "request",
      metadata: ["route": "\(route)", "status": "\(status)", "seconds": "\(seconds)"])
  }

  /// Unknown paths share one label, so that strangers cannot make the metrics grow.
  private static func label(_ endpoint: String?) -> String {
    guard let endpoint, endpoint != "NotFound" else { return "unmatched" }
    return endpoint
  }
}
