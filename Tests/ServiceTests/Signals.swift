import Foundation
import Glibc
import Logging

@testable import Service

/// Serves in this process, sends it SIGTERM while a request is in flight, and checks the answer.
/// Exits with 0 only when the request was answered and `run()` returned afterwards.
func serveUntilSIGTERM() async throws {
  let backend = WordBackend()
  var configuration = ServiceConfiguration()
  configuration.port = 0
  let (ports, report) = AsyncStream.makeStream(of: Int.self)
  let service = try RetrievalService(
    backend: backend, configuration: configuration, logger: .silent
  ) { port in
    report.yield(port)
  }
  let running = Task { try await service.run() }
  var iterator = ports.makeAsyncIterator()
  guard let port = await iterator.next() else { exit(3) }
  backend.latch.close()
  let status = try await onThread {
    let connection = try RawConnection(port: port)
    try connection.send(ConnectionTests.search)
    backend.latch.waitUntilInside(1)
    kill(getpid(), SIGTERM)
    while (try? RawConnection(port: port)) != nil {}
    backend.latch.open()
    return try connection.receive().status
  }
  guard status == 200 else { exit(4) }
  try await running.value
  exit(0)
}
