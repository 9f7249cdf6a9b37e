internal import Hummingbird
internal import Logging
internal import NIOCore

/// What accompanies one request on its way through middleware and route.
struct ServiceContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection the request came on.
  let channel: any Channel
  /// The client's `x-request-id` when it sent a sound one, else one of our own. (Hummingbird keeps
  /// its own in the logger's metadata, where not every log handler keeps things.)
  private(set) var requestID: String

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
    requestID = RequestID().description
  }

  /// Makes `id` this request's id, in the log too.
  mutating func adopt(requestID id: String) {
    requestID = id
    logger[metadataKey: "request-id"] = .string(id)
  }
}
