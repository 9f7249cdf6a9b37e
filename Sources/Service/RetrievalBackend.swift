/// What the service needs from whoever owns a collection.
///
/// The service calls these on compute threads of its own, several at a time, and never on Swift's
/// cooperative pool; so they are synchronous, may block, and must be safe to call concurrently.
/// Each call sees one generation as a whole: which one, the answer says.
///
/// A conforming type throws `BackendError` to choose how a failure is answered; any other error
/// becomes a 500 whose details go to the log and not to the client.
public protocol RetrievalBackend: Sendable {
  /// The best `query.limit` passages for one text, best first.
  ///
  /// - Throws: `BackendError`, kind `unavailable` while there is no active generation.
  func search(_ query: SearchQuery) throws -> SearchAnswer

  /// One embedding per text, in order.
  ///
  /// - Parameters:
  ///   - texts: at least one, each non-empty, at most `ServiceConfiguration.maximumBatchTexts`.
  ///   - role: which of the encoder's prompts is used.
  func embed(_ texts: [String], role: EmbeddingRole) throws -> EmbeddingAnswer

  /// What is being served right now. Cheap: called for every readiness check and metrics scrape.
  func info() throws -> ServiceInfo
}

/// A failure whose kind decides the HTTP status.
public struct BackendError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    /// The request cannot be served as it is: answered 422 with the message.
    case badRequest
    /// The request could succeed later: answered 503 with the message.
    case unavailable
    /// A defect or a damaged collection: answered 500, the message goes to the log only.
    case internalError
  }

  public let kind: Kind
  /// One line: what happened and what to do about it.
  public let message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  public var description: String { "\(kind.rawValue): \(message)" }
}
