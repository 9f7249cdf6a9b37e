import Foundation
import FoundationNetworking
import Logging
import Testing

@testable import Service

/// A service on a free port of 127.0.0.1, and a client for it.
struct TestServer {
  let port: Int
  let backend: WordBackend
  /// Begins the graceful shutdown.
  let stop: @Sendable () -> Void
  /// The end of `run()`.
  let finished: Task<Void, any Error>

  func url(_ path: String) throws -> URL {
    try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
  }
}

/// Runs `body` against a fresh service and shuts it down afterwards.
func withServer(
  backend: WordBackend = WordBackend(),
  _ configure: (inout ServiceConfiguration) -> Void = { _ in },
  _ body: (TestServer) async throws -> Void
) async throws {
  var configuration = ServiceConfiguration()
  configuration.port = 0
  configure(&configuration)
  let (ports, report) = AsyncStream.makeStream(of: Int.self)
  let service = try RetrievalService(
    backend: backend, configuration: configuration, logger: .silent
  ) { port in
    report.yield(port)
  }
  let running = Task {
    defer { report.finish() }
    try await service.run(signals: [])
  }
  var iterator = ports.makeAsyncIterator()
  guard let port = await iterator.next() else { return try await running.value }
  let server = TestServer(
    port: port, backend: backend, stop: { running.cancel() }, finished: running)
  let outcome: Result<Void, any Error>
  do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
  backend.latch.open()
  running.cancel()
  try await running.value
  try outcome.get()
}

extension Logger {
  static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// An answer as a client sees it.
struct Answer {
  let status: Int
  /// Names in lower case.
  let headers: [String: String]
  let body: Data

  var text: String { String(decoding: body, as: UTF8.self) }

  func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
    try JSONDecoder().decode(type, from: body)
  }
}

/// The error body of store routes.
struct StoreError: Decodable, Equatable {
  let error: String
  let error_type: String
}

/// The error body of OpenAI routes.
struct OpenAIError: Decodable {
  struct Inner: Decodable {
    let message: String
    let type: String
    let param: String?
    let code: String?
  }
  let error: Inner
}

extension TestServer {
  /// One session for all tests: a real HTTP client with keep-alive and many connections.
  private static let session: URLSession = {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = 64
    configuration.timeoutIntervalForRequest = 60
    return URLSession(configuration: configuration)
  }()

  func send(
    _ method: String, _ path: String, body: Data? = nil, headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = URLRequest(url: try url(path))
    request.httpMethod = method
    request.httpBody = body
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let (data, response) = try await Self.session.data(for: request)
    let http = try #require(response as? HTTPURLResponse)
    var received: [String: String] = [:]
    for (name, value) in http.allHeaderFields {
      received["\(name)".lowercased()] = "\(value)"
    }
    return Answer(status: http.statusCode, headers: received, body: data)
  }

  func get(_ path: String, headers: [String: String] = [:]) async throws -> Answer {
    try await send("GET", path, headers: headers)
  }

  func post(_ path: String, _ json: String, headers: [String: String] = [:]) async throws -> Answer
  {
    try await send(
      "POST", path, body: Data(json.utf8),
      headers: headers.merging(["content-type": "application/json"]) { mine, _ in mine })
  }
}

/// Runs blocking `body` on a thread of its own, so that it starves nobody.
func onThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
  }
}
