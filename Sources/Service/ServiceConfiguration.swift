/// Where the service listens and what it accepts. Every limit is answered by a clear error, none
/// by silence.
public struct ServiceConfiguration: Sendable, Equatable {
  /// Host name or address to bind.
  public var host = "127.0.0.1"
  /// TCP port; 0 lets the system choose, and `onServerRunning` tells which.
  public var port = 8080
  /// Threads that encode and search. Each request uses one.
  public var computeThreads = 2
  /// Requests that may be waiting or running at once; the next one is answered 429.
  public var maximumConcurrentRequests = 256
  /// Texts in one embedding request and queries in one search request; more is answered 422.
  public var maximumBatchTexts = 256
  /// UTF-8 bytes of one text; a longer one is answered 422.
  public var maximumTextBytes = 256 * 1024
  /// Bytes of a request's body; a longer one is answered 413.
  public var maximumBodyBytes = 2 * 1024 * 1024
  /// Accepted `Authorization: Bearer` keys. Empty: anyone may ask.
  public var apiKeys: [String] = []
  /// A connection that sends and receives nothing for this long is closed.
  public var idleTimeout: Duration = .seconds(75)
  /// How long requests in flight may take to finish after a shutdown began.
  public var shutdownGrace: Duration = .seconds(30)

  public init() {}

  /// Checks every value once, before anything is opened.
  ///
  /// - Throws: `ServiceError` naming the first value out of range.
  func validate() throws(ServiceError) {
    try require(!host.isEmpty, "host must not be empty")
    try require((0...65535).contains(port), "port must be in 0...65535, was \(port)")
    let counts = [
      ("computeThreads", computeThreads),
      ("maximumConcurrentRequests", maximumConcurrentRequests),
      ("maximumBatchTexts", maximumBatchTexts), ("maximumTextBytes", maximumTextBytes),
      ("maximumBodyBytes", maximumBodyBytes),
    ]
    for (name, value) in counts {
      try require(value > 0, "\(name) must be positive, was \(value)")
    }
    try require(
      apiKeys.allSatisfy { !$0.isEmpty },
      "an API key is empty; remove it, or give no keys at all to let anyone in")
    try require(idleTimeout > .zero, "idleTimeout must be positive, was \(idleTimeout)")
    try require(shutdownGrace > .zero, "shutdownGrace must be positive, was \(shutdownGrace)")
  }

  private func require(_ holds: Bool, _ message: String) throws(ServiceError) {
    guard holds else { throw ServiceError(.invalidConfiguration, message) }
  }
}
