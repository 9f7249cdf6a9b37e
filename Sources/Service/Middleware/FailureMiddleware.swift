internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

/// Turns every error into an answer: the one place where that happens.
struct FailureMiddleware: RouterMiddleware {
  typealias Context = ServiceContext

  let table: RouteTable

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let failure as ConnectionFailure {
      throw failure.cause
    } catch let error as HTTPError where error.status == .notFound {
      return answer(unmatched(request), to: request, context)
    } catch {
      let failure = RequestFailure(answering: error)
      if failure.kind == .internalError { context.logger.error("request failed: \(error)") }
      return answer(failure, to: request, context)
    }
  }

  private func unmatched(_ request: Request) -> RequestFailure {
    let path = request.uri.path
    let methods = table.methods(for: path)
    guard !methods.isEmpty else {
      return RequestFailure(.notFound, "there is no route \(path)")
    }
    return RequestFailure(
      .methodNotAllowed(allowed: methods),
      "\(path) answers \(methods.joined(separator: ", ")), not \(request.method.rawValue)")
  }

  private func answer(
    _ failure: RequestFailure, to request: Request, _ context: ServiceContext
  ) -> Response {
    let body = failure.body(in: ErrorStyle(path: request.uri.path))
    var headers: HTTPFields = [
      .contentType: "application/json", .contentLength: body.readableBytes.description,
    ]
    switch failure.kind {
    case .unauthorized: headers[.wwwAuthenticate] = "Bearer"
    case .methodNotAllowed(let allowed): headers[.allow] = allowed.joined(separator: ", ")
    case .overloaded, .unavailable: headers[.retryAfter] = "1"
    case .bodyTooLarge:
      headers[.connection] = "close"
      context.closeAfterLingering()
    default: break
    }
    return Response(
      status: .init(code: failure.status), headers: headers,
      body: request.method == .head ? .init() : .init(byteBuffer: body))
  }
}

extension ServiceContext {
  /// Closes the connection in a few seconds: the client has time to read the answer (an immediate
  /// close could destroy it on the way), yet cannot go on sending a refused body for ever.
  fileprivate func closeAfterLingering() {
    channel.eventLoop.scheduleTask(in: .seconds(2)) { [channel] in
      channel.close(promise: nil)
    }
  }
}
