internal import NIOCore

/// What a route sees of a request: a value, so that the work can run on any thread.
struct IncomingRequest: Sendable {
  /// The part of the URL after `?`, still percent-encoded.
  var query: String?
  var body = ByteBuffer()
}

/// What a route answers with when all went well.
struct RoutePayload: Sendable {
  var contentType = "application/json"
  var headers: [(name: String, value: String)] = []
  var body: ByteBuffer

  /// A payload of the JSON that `write` writes.
  static func json(_ write: (inout JSONWriter) throws -> Void) throws -> RoutePayload {
    var json = JSONWriter()
    try write(&json)
    return RoutePayload(body: json.buffer)
  }
}

/// One route's work: reads, checks, asks the backend, writes. Synchronous; runs on a lane's thread.
typealias RouteWork = @Sendable (IncomingRequest) throws -> RoutePayload
