import Foundation
import FoundationNetworking
import Freshet
import Glibc
import Synchronization
import TestSupport
import Testing

/// A `freshet serve` of its own, ended with the value.
private final class Server: Sendable {
  let process: Process
  let address: String
  private let folder: TemporaryFolder

  init(_ collection: String, _ more: String...) async throws {
    folder = try TemporaryFolder()
    process = Process()
    process.executableURL = Command.executable
    process.arguments = ["serve", collection, "--port", "0"] + more
    process.standardOutput = try Command.file("out", folder)
    process.standardError = try Command.file("err", folder)
    try process.run()
    var found: String?
    while found == nil, process.isRunning {
      try await Task.sleep(for: .milliseconds(20))
      let lines = try String(contentsOfFile: folder.path("err"), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      found = lines.first { $0.hasPrefix("serving on ") }.map { String($0.dropFirst(11)) }
    }
    address = try #require(found, "the server ended before it served")
  }

  deinit { if process.isRunning { process.terminate() } }

  /// Sends SIGTERM and waits.
  func stop() async -> (status: Int32, bySignal: Bool) {
    kill(process.processIdentifier, SIGTERM)
    while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
    return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
  }

  /// One request; a POST when there is a body.
  func ask(_ path: String, _ body: [String: Any]? = nil, key: String? = nil) async throws
    -> (status: Int, body: Data)
  {
    var request = URLRequest(url: try #require(URL(string: address + path)))
    if let body {
      request.httpMethod = "POST"
      request.httpBody = try JSONSerialization.data(withJSONObject: body)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    let (data, response) = try await URLSession.shared.data(for: request)
    return (try #require(response as? HTTPURLResponse).statusCode, data)
  }

  /// The JSON object that answers a request.
  func object(_ path: String, _ body: [String: Any]? = nil) async throws -> [String: Any] {
    let (status, data) = try await ask(path, body)
    #expect(status == 200, "\(String(decoding: data, as: UTF8.self))")
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}

/// Clients that search without a pause, and what they were answered.
private final class Traffic: Sendable {
  private struct State {
    var isOver = false
    var answers = 0
    var failures: [String] = []
    /// The generations of the answers, in order, each change once.
    var generations: [Int] = []
  }
  private let server: Server
  private let state = Mutex(State())

  init(_ server: Server) { self.server = server }

  var answers: Int { state.withLock { $0.answers } }
  var failures: [String] { state.withLock { $0.failures } }
  var generations: [Int] { state.withLock { $0.generations } }

  func stop() { state.withLock { $0.isOver = true } }

  /// Waits until answers come from this generation; false when they do not within half a minute.
  func reaches(_ generation: Int) async throws -> Bool {
    for _ in 0..<3000 {
      if generations.last == generation { return true }
      try await Task.sleep(for: .milliseconds(10))
    }
    return false
  }

  /// Asks until it is told to stop.
  func client(_ number: Int) async {
    var i = 0
    while !state.withLock({ $0.isOver }) {
      do {
        let query = Workplace.text((number * 37 + i) % Workplace.count)
        let (status, body) = try await server.ask("/search", ["query": query, "k": 5])
        note(status, body)
      } catch {
        state.withLock { $0.failures.append("\(error)") }
      }
      i += 1
    }
  }

  private func note(_ status: Int, _ body: Data) {
    let answer = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any]
    let hits = answer?["hits"] as? [[String: Any]] ?? []
    let generation = answer?["generation"] as? Int
    let made = generation == 0 ? "encoded" : "corrected"
    let isWhole = hits.count == 5 && hits.allSatisfy { $0["provenance"] as? String == made }
    state.withLock { state in
      state.answers += 1
      guard status == 200, isWhole, let generation else {
        state.failures.append("\(status): \(String(decoding: body, as: UTF8.self))")
        return
      }
      if state.generations.last != generation { state.generations.append(generation) }
    }
  }
}

/// `freshet serve` as a process, asked over HTTP.
@Suite(.serialized) struct ServeTests {
  let place: Workplace
  init() throws { place = try Workplace() }

  @Test func searchEmbeddingsHealthAndMetrics() async throws {
    try await place.encoded()
    let server = try await Server(place.collection)
    let text = Workplace.text(4)
    let answer = try await server.object("/search", ["query": text, "k": 3])
    #expect(answer["generation"] as? Int == 0)
    let hits = try #require(answer["hits"] as? [[String: Any]])
    let expected = try await Command.json("search", place.collection, text, "-k", "3")
    let found = try #require(expected["hits"] as? [[String: Any]])
    #expect(answer["encoder"] as? String == expected["encoder"] as? String)
    #expect(hits.map { $0["id"] as? String } == found.map { $0["id"] as? String })
    for (hit, other) in zip(hits, found) {
      let (a, b) = (hit["score"] as? Double, other["score"] as? Double)
      #expect(abs(try #require(a) - #require(b)) < 1e-6)
      #expect(hit["provenance"] as? String == "encoded")
      #expect(hit["text"] as? String == other["text"] as? String)
    }
    try await embeddings(server)
    #expect(try await server.object("/health")["status"] as? String == "ok")
    #expect(try await server.object("/ready")["generation"] as? Int == 0)
    #expect(try await server.object("/info")["passages"] as? Int == 100)
    let metrics = String(decoding: try await server.ask("/metrics").body, as: UTF8.self)
    #expect(metrics.contains("# TYPE"))
    #expect(metrics.contains("/search"), "\(metrics)")
    #expect(try await server.ask("/nowhere").status == 404)
    let refusal = try await server.ask("/search", ["k": 3])
    #expect(refusal.status == 422, "\(String(decoding: refusal.body, as: UTF8.self))")
    let end = await server.stop()
    #expect(end.status == 0 && !end.bySignal)
  }

  private func embeddings(_ server: Server) async throws {
    let texts = ["river stone", "cloud"]
    let answer = try await server.object("/v1/embeddings", ["input": texts, "model": "any"])
    let data = try #require(answer["data"] as? [[String: Any]])
    let encoder = try TextEncoder(folder: URL(fileURLWithPath: place.encoderA))
    let expected = encoder.encode(texts, as: .passage).embeddings
    #expect(data.count == 2)
    for (i, entry) in data.enumerated() {
      let vector = try #require(entry["embedding"] as? [Double]).map(Float.init)
      #expect(largestDifference(vector, expected.row(i)) < 1e-6)
    }
  }

  /// Clients search all the while; other processes refresh and roll back.
  @Test func aSwapByAnotherProcessIsSeenWithoutAFailedRequest() async throws {
    try await place.encoded()
    let server = try await Server(place.collection)
    let traffic = Traffic(server)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<4 { group.addTask { await traffic.client(number) } }
      defer { traffic.stop() }
      #expect(try await traffic.reaches(0))
      try await Command.ok(
        "refresh", place.collection, "--encoder", place.encoderB, "--sample", "60")
      #expect(try await traffic.reaches(1))
      try await Command.ok("rollback", place.collection)
      #expect(try await traffic.reaches(0))
    }
    #expect(traffic.failures == [])
    let order = traffic.generations
    #expect(order.first == 0 && order.last == 0 && order.contains(1), "\(order)")
    #expect(traffic.answers > 20)
    let end = await server.stop()
    #expect(end.status == 0 && !end.bySignal)
  }

  @Test func keysAreAskedForWhenThereAreAny() async throws {
    try await place.encoded()
    let keys = try place.folder.write("first\n\nsecond \n", to: "keys")
    let server = try await Server(place.collection, "--api-key-file", keys)
    let query: [String: Any] = ["query": "river"]
    #expect(try await server.ask("/search", query).status == 401)
    #expect(try await server.ask("/search", query, key: "third").status == 401)
    #expect(try await server.ask("/search", query, key: "second").status == 200)
    #expect(try await server.ask("/health").status == 200)
    let end = await server.stop()
    #expect(end.status == 0 && !end.bySignal)
  }

  @Test func aCollectionThatIsEncodedLaterIsServedFromThenOn() async throws {
    try await Command.ok("add", place.collection, place.corpus)
    let server = try await Server(place.collection)
    #expect(try await server.ask("/search", ["query": "river"]).status == 503)
    #expect(try await server.ask("/ready").status == 503)
    try await Command.ok("encode", place.collection, "--encoder", place.encoderA)
    #expect(try await server.ask("/search", ["query": "river"]).status == 200)
    #expect(try await server.ask("/ready").status == 200)
    #expect(await server.stop().status == 0)
  }
}
