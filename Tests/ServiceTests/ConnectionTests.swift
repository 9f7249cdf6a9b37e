import Foundation
import Service
import Testing

@Suite("connections, limits and shutdown") struct ConnectionTests {
  static let search =
    "POST /search HTTP/1.1\r\nhost: t\r\ncontent-length: 15\r\n\r\n{\"query\":\"tea\"}"

  @Test("fifty clients at once each get their own answer")
  func manyClients() async throws {
    try await withServer { server in
      let answers = try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
        for client in 0..<50 {
          group.addTask {
            let text = "word\(client) tea"
            let answer = try await server.post("/embed", #"{"inputs":["\#(text)","x"]}"#)
            let vectors: [[Float]] = try answer.decode()
            return (client, vectors == [WordBackend.vector(text), WordBackend.vector("x")])
          }
        }
        return try await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
      }
      #expect(answers.count == 50)
      #expect(answers.values.allSatisfy { $0 })
    }
  }

  @Test("generations swapped under fifty clients: every answer is whole and from one of them")
  func swapUnderLoad() async throws {
    try await withServer { server in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in 0..<50 {
          group.addTask {
            if client % 5 == 0 { server.backend.generation = client % 2 == 0 ? 7 : 8 }
            let answer = try await server.post("/search", #"{"query":"tea"}"#)
            #expect(answer.status == 200)
            let body: SearchRouteTests.Body = try answer.decode()
            #expect([7, 8].contains(body.generation))
            #expect(body.hits.count == WordBackend.corpus.count)
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test("one more than the limit is answered 429, and served once there is room")
  func overload() async throws {
    try await withServer {
      $0.maximumConcurrentRequests = 3
      $0.computeThreads = 3
    } _: { server in
      server.backend.latch.close()
      async let first = server.post("/search", #"{"query":"tea"}"#)
      async let second = server.post("/search", #"{"query":"tea"}"#)
      async let third = server.post("/search", #"{"query":"tea"}"#)
      try await onThread { [backend = server.backend] in backend.latch.waitUntilInside(3) }
      let refused = try await server.post("/v1/embeddings", #"{"input":"a"}"#)
      #expect(refused.status == 429)
      #expect(refused.headers["retry-after"] == "1")
      #expect(try refused.decode(OpenAIError.self).error.code == "rate_limit_exceeded")
      for path in ["/health", "/ready", "/metrics"] {
        let answer = try await server.get(path)
        #expect(answer.status == 200, "\(path) must answer under overload")
      }
      server.backend.latch.open()
      let statuses = try await [first.status, second.status, third.status]
      #expect(statuses == [200, 200, 200])
      let after = try await server.post("/search", #"{"query":"tea"}"#)
      #expect(after.status == 200)
    }
  }

  @Test("a body over the limit is refused, announced or not, and the connection closed")
  func bigBodies() async throws {
    try await withServer { $0.maximumBodyBytes = 1000 } _: { server in
      let port = server.port
      let announced = try await onThread {
        let connection = try RawConnection(port: port)
        try connection.send("POST /search HTTP/1.1\r\nhost: t\r\ncontent-length: 1001\r\n\r\n")
        return try connection.receive()
      }
      #expect(announced.status == 413)
      #expect(announced.body.contains("1001 bytes long, at most 1000"))
      let chunked = try await onThread {
        let connection = try RawConnection(port: port)
        try connection.send("POST /embed HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n")
        let piece = String(repeating: "x", count: 600)
        try connection.send("258\r\n\(piece)\r\n258\r\n\(piece)\r\n")
        let answer = try connection.receive()
        return (answer, try connection.isAtEnd())
      }
      #expect(chunked.0.status == 413)
      #expect(chunked.0.body.contains(#""error_type":"Validation""#))
      #expect(chunked.1)
      let fitting = #"{"query":"tea","x":""#
      let padding = String(repeating: "y", count: 1000 - fitting.utf8.count - 2)
      let answer = try await server.post("/search", fitting + padding + #""}"#)
      #expect(answer.status == 200)
    }
  }

  @Test("one connection serves many requests, errors between them")
  func keepAlive() async throws {
    try await withServer { server in
      let port = server.port
      let statuses = try await onThread {
        let connection = try RawConnection(port: port)
        return try (0..<6).map { round in
          try connection.send(
            round % 2 == 0 ? Self.search : "GET /nowhere HTTP/1.1\r\nhost: t\r\n\r\n")
          return try connection.receive().status
        }
      }
      #expect(statuses == [200, 404, 200, 404, 200, 404])
    }
  }

  @Test("pipelined requests are answered in order")
  func pipelining() async throws {
    try await withServer { server in
      let port = server.port
      let answers = try await onThread {
        let connection = try RawConnection(port: port)
        try connection.send(
          Self.search + "GET /health HTTP/1.1\r\nhost: t\r\n\r\n"
            + "GET /search?q=second&k=1 HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
        let answers = try (0..<3).map { _ in try connection.receive() }
        return (answers, try connection.isAtEnd())
      }
      #expect(answers.0.map(\.status) == [200, 200, 200])
      #expect(answers.0[0].body.hasPrefix(#"{"query":"tea""#))
      #expect(answers.0[1].body == #"{"status":"ok"}"#)
      #expect(answers.0[2].body.hasPrefix(#"{"query":"second""#))
      #expect(answers.1)
    }
  }

  @Test("bytes that are not HTTP are answered 400; others are still served")
  func notHTTP() async throws {
    try await withServer { server in
      let port = server.port
      let status = try await onThread {
        let connection = try RawConnection(port: port)
        try connection.send("What is this\r\n\r\n")
        return try connection.receive().status
      }
      #expect(status == 400)
      let broken = try await onThread {
        let connection = try RawConnection(port: port)
        try connection.send("POST /search HTTP/1.1\r\nhost: t\r\n")
        try connection.send("transfer-encoding: chunked\r\n\r\nzz\r\n")
        return try connection.receive().status
      }
      #expect(broken == 400)
      let answer = try await server.get("/health")
      #expect(answer.status == 200)
    }
  }

  @Test("a client that leaves before its answer gives its place back")
  func lostClient() async throws {
    try await withServer { $0.maximumConcurrentRequests = 1 } _: { server in
      let port = server.port
      try await onThread { [backend = server.backend] in
        backend.latch.close()
        let connection = try RawConnection(port: port)
        try connection.send(Self.search)
        backend.latch.waitUntilInside(1)
      }
      server.backend.latch.open()
      try await onThread {
        while try ask(port) == 429 {}
      }
      let answer = try await server.post("/search", #"{"query":"tea"}"#)
      #expect(answer.status == 200)
    }
  }

  @Test("a client that leaves inside its body gives its place back")
  func halfSentBody() async throws {
    try await withServer { $0.maximumConcurrentRequests = 1 } _: { server in
      let port = server.port
      try await onThread {
        // The question may come first and take the only place: then the half is sent again.
        var half = try Self.sendHalf(port)
        while try ask(port) != 429 {
          if half.hasAnswer { half = try Self.sendHalf(port) }
        }
        half.end()
      }
      try await onThread {
        while try ask(port) == 429 {}
      }
      let answer = try await server.post("/search", #"{"query":"tea"}"#)
      #expect(answer.status == 200)
    }
  }

  private static func sendHalf(_ port: Int) throws -> RawConnection {
    let connection = try RawConnection(port: port)
    try connection.send(String(search.dropLast(10)))
    return connection
  }

  @Test("shutdown finishes the request in flight, takes no new ones, closes idle connections")
  func shutdown() async throws {
    try await withServer { server in
      let port = server.port
      server.backend.latch.close()
      async let inFlight = server.post("/search", #"{"query":"tea"}"#)
      try await onThread { [backend = server.backend] in backend.latch.waitUntilInside(1) }
      let idleEnded = try await onThread { [stop = server.stop] in
        let idle = try RawConnection(port: port)
        try idle.send("GET /health HTTP/1.1\r\nhost: t\r\n\r\n")
        _ = try idle.receive()
        stop()
        return try idle.isAtEnd()
      }
      #expect(idleEnded)
      let refused = try await onThread {
        // The listening socket closes shortly after the signal; from then on nobody gets in.
        while (try? ask(port)) != nil {}
        return true
      }
      #expect(refused)
      server.backend.latch.open()
      let answer = try await inFlight
      #expect(answer.status == 200)
      try await server.finished.value
    }
  }

  @Test("when the grace is over, run() ends without an error as soon as the threads are free")
  func graceOver() async throws {
    try await withServer {
      $0.computeThreads = 1
      $0.shutdownGrace = .milliseconds(50)
    } _: { server in
      server.backend.latch.close()
      let running = Task { try await server.post("/search", #"{"query":"tea"}"#).status }
      try await onThread { [backend = server.backend] in backend.latch.waitUntilInside(1) }
      let queued = Task { try await server.post("/search", #"{"query":"tea"}"#).status }
      while try await !server.get("/metrics").text.contains("requests_in_flight 3\n") {}
      server.stop()
      try await Task.sleep(for: .milliseconds(500))
      server.backend.latch.open()
      try await server.finished.value
      _ = (await running.result, await queued.result)
    }
  }

  @Test("a port that is taken is refused in words")
  func portTaken() async throws {
    try await withServer { server in
      let error = await #expect(throws: ServiceError.self) {
        try await withServer { $0.port = server.port } _: { _ in }
      }
      #expect(error?.code == .cannotListen)
      #expect(error?.message.contains("127.0.0.1:\(server.port): Address already in use") == true)
    }
  }

  @Test("a host that does not exist is refused in words")
  func hostUnknown() async throws {
    let error = await #expect(throws: ServiceError.self) {
      try await withServer { $0.host = "no-such-host.invalid" } _: { _ in }
    }
    #expect(error?.code == .cannotListen)
    #expect(error?.message.contains("no-such-host.invalid") == true)
  }

  @Test("SIGTERM ends the process after the request in flight")
  func signal() async throws {
    await #expect(processExitsWith: .exitCode(0)) { try await serveUntilSIGTERM() }
  }
}

/// The status of one health-like question on a connection of its own; blocks.
private func ask(_ port: Int) throws -> Int {
  let connection = try RawConnection(port: port)
  try connection.send("GET /search?q= HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
  return try connection.receive().status
}
