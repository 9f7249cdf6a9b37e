internal import Glibc
internal import HTTPTypes
internal import Hummingbird
public import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import UnixSignals

/// The HTTP service over one collection.
///
/// ```swift
/// let service = try RetrievalService(backend: collection, configuration: .init(), logger: logger)
/// try await service.run()  // until SIGINT or SIGTERM
/// ```
///
/// Routes: `POST /search`, `GET /search?q=`, `POST /v1/embeddings` (OpenAI's shape), `POST /embed`
/// (text-embeddings-inference's shape), `GET /info`, and without a key `GET /health`, `/ready`,
/// `/metrics`.
public struct RetrievalService: Sendable {
  /// Called once with the port that was bound, as soon as requests are answered.
  public typealias RunningHandler = @Sendable (_ port: Int) async -> Void

  private let backend: any RetrievalBackend
  private let configuration: ServiceConfiguration
  private let logger: Logger
  private let onServerRunning: RunningHandler

  /// - Throws: `ServiceError`, code `invalidConfiguration`, naming the value out of range.
  public init(
    backend: any RetrievalBackend, configuration: ServiceConfiguration, logger: Logger,
    onServerRunning: @escaping RunningHandler = { _ in }
  ) throws(ServiceError) {
    try configuration.validate()
    self.backend = backend
    self.configuration = configuration
    self.logger = logger
    self.onServerRunning = onServerRunning
  }

  /// Serves until SIGINT, SIGTERM or cancellation of the calling task; then takes no new
  /// connections, finishes the requests in flight and returns.
  ///
  /// After `ServiceConfiguration.shutdownGrace` the connections still waiting are dropped. Work
  /// that a compute thread is at is never cut off, so `run()` returns when the backend has.
  ///
  /// - Throws: `ServiceError`, code `cannotListen`, when the address cannot be bound.
  public func run() async throws {
    try await run(signals: [.sigint, .sigterm])
  }

  /// `run()` with the signals named, so that several services can live in one test process.
  func run(signals: [UnixSignal]) async throws {
    warnWhenOpen()
    let compute = ComputeLane(
      threads: configuration.computeThreads,
      maximumRequests: configuration.maximumConcurrentRequests)
    let side = ComputeLane(
      threads: 1, maximumRequests: configuration.maximumConcurrentRequests)
    let outcome = await serve(on: RouteRunner(
      compute: compute, side: side, maximumBodyBytes: configuration.maximumBodyBytes), signals)
    try await compute.shutDown()
    try await side.shutDown()
    try outcome.get()
  }
}

extension RetrievalService {
  /// Serves until told to stop. The group runs in a task of its own because cancellation of ours
  /// has to become a graceful shutdown, and a group cancelled directly drops what is in flight.
  private func serve(
    on runner: RouteRunner, _ signals: [UnixSignal]
  ) async -> Result<Void, any Error> {
    var group = ServiceGroupConfiguration(
      services: [application(runner)], gracefulShutdownSignals: signals, logger: logger)
    group.maximumGracefulShutdownDuration = configuration.shutdownGrace
    let services = ServiceGroup(configuration: group)
    let running = Task { try await services.run() }
    return await withTaskCancellationHandler {
      await running.result.mapError(startFailure)
    } onCancel: {
      Task { await services.triggerGracefulShutdown() }
    }
  }

  private func application(
    _ runner: RouteRunner
  ) -> Application<RouterResponder<ServiceContext>> {
    let idle = TimeAmount(configuration.idleTimeout)
    return Application(
      router: router(runner),
      server: .http1(configuration: .init(idleTimeout: idle)),
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port), serverName: "freshet"),
      onServerRunning: { [onServerRunning, configuration] channel in
        await onServerRunning(channel.localAddress?.port ?? configuration.port)
      },
      logger: logger)
  }

  private func router(_ runner: RouteRunner) -> Router<ServiceContext> {
    let metrics = ServiceMetrics()
    let table = RouteTable(backend: backend, configuration: configuration, metrics: metrics)
    let router = Router(context: ServiceContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestIDMiddleware())
    router.add(middleware: MetricsMiddleware(metrics: metrics, now: { .now }))
    router.add(middleware: FailureMiddleware(table: table))
    router.add(middleware: APIKeyMiddleware(keys: configuration.apiKeys, table: table))
    for route in table.routes {
      router.on(RouterPath(route.path), method: route.method.httpMethod) { request, _ in
        try await runner.respond(to: request, by: route)
      }
    }
    return router
  }

  /// A bind that failed, in words; anything else as it is.
  private func startFailure(_ error: any Error) -> any Error {
    let reason: String
    switch error {
    case let error as IOError: reason = String(cString: strerror(error.errnoCode))
    case is SocketAddressError.UnknownHost: reason = "no such host"
    default: return error
    }
    return ServiceError(
      .cannotListen,
      "cannot listen on \(configuration.host):\(configuration.port): \(reason);"
        + " choose another host or port, or stop the program that has it")
  }

  private func warnWhenOpen() {
    let loopback = ["127.0.0.1", "::1", "localhost"]
    guard configuration.apiKeys.isEmpty, !loopback.contains(configuration.host) else { return }
    logger.warning("anyone who reaches \(configuration.host) may ask: no API keys are set")
  }
}

extension Route.Method {
  fileprivate var httpMethod: HTTPRequest.Method {
    switch self {
    case .get: .get
    case .post: .post
    }
  }
}
