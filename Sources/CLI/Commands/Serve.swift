import ArgumentParser
import Foundation
import Freshet
import Logging
import Service

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer searches and embedding requests over HTTP.",
    discussion: """
      POST /search, POST /v1/embeddings (OpenAI's shape), POST /embed, GET /info, /health, /ready, \
      /metrics. A swap or rollback made by another process is picked up by the next request. Stops \
      cleanly on Ctrl-C.

      Example: freshet serve my.freshet --port 8080
               curl -s localhost:8080/search -d '{"query":"find duplicate files","k":3}'
      """)

  @OptionGroup var target: CollectionArgument
  @OptionGroup var precision: PrecisionOption
  @Option(help: "Address to listen on.")
  var host = "127.0.0.1"
  @Option(help: "Port to listen on; 0 lets the system choose one.")
  var port = 8080
  @Option(help: "File of accepted API keys, one per line.")
  var apiKeyFile: String?
  @Option(help: "Requests computed at once (default: one per core).")
  var workers: Int?

  func validate() throws {
    try require(workers, atLeast: 1, "--workers")
    guard (0...65535).contains(port) else {
      throw ValidationError("--port must lie in 0 to 65535, was \(port).")
    }
  }

  func run() async throws {
    let collection = try target.open(precision.precision)
    let backend = CollectionBackend(collection)
    try backend.warmUp()
    var configuration = ServiceConfiguration()
    configuration.host = host
    configuration.port = port
    configuration.computeThreads = workers ?? Threads.count
    configuration.apiKeys = try apiKeys()
    // Each request computes on one thread of its own; threads inside it would only compete.
    Threads.use(1)
    var logger = Logger(label: "freshet", factory: { StreamLogHandler.standardError(label: $0) })
    logger.logLevel = .notice
    let host = host
    let service = try RetrievalService(
      backend: backend, configuration: configuration, logger: logger,
      onServerRunning: { Console.say("serving on http://\(host):\($0)") })
    try await service.run()
  }

  private func apiKeys() throws -> [String] {
    guard let apiKeyFile else { return [] }
    let keys = try String(contentsOfFile: apiKeyFile, encoding: .utf8)
      .split(whereSeparator: \.isNewline)
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    guard !keys.isEmpty else {
      throw ValidationError("--api-key-file: \(apiKeyFile) holds no key.")
    }
    return keys
  }
}
