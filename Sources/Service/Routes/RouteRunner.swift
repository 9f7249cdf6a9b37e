internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The client went away, or what it sent was not HTTP: there is no request to answer.
struct ConnectionFailure: Error {
  let cause: any Error
}

/// Runs a route's work where the route wants it, between reading the body and writing the answer.
struct RouteRunner: Sendable {
  let compute: ComputeLane
  let side: ComputeLane
  let maximumBodyBytes: Int

  func respond(to request: Request, by route: Route) async throws -> Response {
    switch route.place {
    case .immediate: Response(try route.work(IncomingRequest(query: request.uri.query)))
    case .side: try await respond(to: request, by: route.work, on: side)
    case .compute: try await respond(to: request, by: route.work, on: compute)
    }
  }

  /// The place is taken before the body is read, so the limit bounds memory as well as work.
  private func respond(
    to request: Request, by work: @escaping RouteWork, on lane: ComputeLane
  ) async throws -> Response {
    try lane.gate.enter()
    defer { lane.gate.leave() }
    let body = try await collectBody(of: request)
    let incoming = IncomingRequest(query: request.uri.query, body: body)
    return Response(try await lane.run { try work(incoming) })
  }

  private func collectBody(of request: Request) async throws -> ByteBuffer {
    if let length = request.headers[.contentLength].flatMap(Int.init), length > maximumBodyBytes {
      throw RequestFailure(
        .bodyTooLarge, "the body is \(length) bytes long, at most \(maximumBodyBytes) are accepted")
    }
    do {
      return try await request.body.collect(upTo: maximumBodyBytes)
    } catch is NIOTooManyBytesError {
      throw RequestFailure(
        .bodyTooLarge, "the body is longer than the \(maximumBodyBytes) bytes accepted")
    } catch {
      throw ConnectionFailure(cause: error)
    }
  }
}

extension Response {
  fileprivate init(_ payload: RoutePayload) {
    var headers: HTTPFields = [.contentType: payload.contentType]
    for (name, value) in payload.headers { headers[.known(name)] = value }
    self.init(status: .ok, headers: headers, body: .init(byteBuffer: payload.body))
  }
}
