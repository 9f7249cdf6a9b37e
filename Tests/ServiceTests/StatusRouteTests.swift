import Foundation
import Service
import Testing

@Suite("health, readiness, info and metrics") struct StatusRouteTests {
  @Test("health says ok, whatever the backend says")
  func health() async throws {
    try await withServer { server in
      server.backend.fail(with: BackendError(.unavailable, "gone"))
      let answer = try await server.get("/health")
      #expect(answer.status == 200)
      #expect(answer.text == #"{"status":"ok"}"#)
    }
  }

  @Test("ready follows the active generation")
  func ready() async throws {
    try await withServer { server in
      let before = try await server.get("/ready")
      #expect(before.text == #"{"status":"ready","generation":7}"#)
      server.backend.generation = nil
      let after = try await server.get("/ready")
      #expect(after.status == 503)
      #expect(try after.decode(StoreError.self).error_type == "Unavailable")
    }
  }

  @Test("info tells the collection and the limits, byte for byte")
  func info() async throws {
    try await withServer { $0.maximumConcurrentRequests = 9 } _: { server in
      let answer = try await server.get("/info")
      let expected =
        #"{"generation":7,"encoder":"f00d","model":"word-counts","dimension":16,"passages":3,"#
        + #""encoded":2,"corrected":1,"pending":4,"version":"1.2.3","limits":"#
        + #"{"concurrentRequests":9,"batchTexts":256,"textBytes":262144,"bodyBytes":2097152}}"#
      #expect(answer.text == expected)
      server.backend.generation = nil
      let empty = try await server.get("/info")
      #expect(empty.text.hasPrefix(#"{"generation":null,"encoder":null,"#))
    }
  }

  @Test("HEAD answers like GET, without the body")
  func head() async throws {
    try await withServer { server in
      let answer = try await server.send("HEAD", "/health")
      #expect(answer.status == 200)
      #expect(answer.headers["content-length"] == "15")
      #expect(answer.body.isEmpty)
    }
  }

  @Test("metrics count requests, texts, tokens and searches")
  func metrics() async throws {
    try await withServer { server in
      _ = try await server.post("/v1/embeddings", #"{"input":["green tea","x"]}"#)
      _ = try await server.post("/embed", #"{"inputs":"one two three"}"#)
      _ = try await server.post("/search", #"{"queries":["a","b"]}"#)
      _ = try await server.get("/search?q=a")
      _ = try await server.post("/search", "{}")
      _ = try await server.get("/nowhere")
      let answer = try await server.get("/metrics")
      #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
      let samples = try parse(answer.text)
      let expected: [String: Double] = [
        #"freshet_http_requests_total{route="/v1/embeddings",status="200"}"#: 1,
        #"freshet_http_requests_total{route="/embed",status="200"}"#: 1,
        #"freshet_http_requests_total{route="/search",status="200"}"#: 2,
        #"freshet_http_requests_total{route="/search",status="422"}"#: 1,
        #"freshet_http_requests_total{route="unmatched",status="404"}"#: 1,
        #"freshet_http_request_duration_seconds_count{route="/search"}"#: 3,
        #"freshet_http_request_duration_seconds_bucket{route="/search",le="+Inf"}"#: 3,
        "freshet_http_requests_in_flight": 1,
        "freshet_searches_total": 3,
        "freshet_embedded_texts_total": 3,
        "freshet_embedded_tokens_total": 6,
        "freshet_truncated_texts_total": 0,
        "freshet_backend_up": 1,
        #"freshet_active_generation{encoder="f00d"}"#: 7,
        "freshet_passages": 3,
        "freshet_encoded_embeddings": 2,
        "freshet_corrected_embeddings": 1,
        "freshet_pending_passages": 4,
      ]
      for (name, value) in expected { #expect(samples[name] == value, "\(name)") }
    }
  }

  @Test("metrics still come when the backend does not answer")
  func metricsWithoutBackend() async throws {
    try await withServer { server in
      server.backend.fail(with: BackendError(.unavailable, "gone"))
      let samples = try parse(try await server.get("/metrics").text)
      #expect(samples["freshet_backend_up"] == 0)
      #expect(samples["freshet_passages"] == nil)
    }
  }

  /// Reads the text format strictly: every sample has a family with HELP and TYPE before it.
  private func parse(_ text: String) throws -> [String: Double] {
    var families: Set<Substring> = []
    var samples: [String: Double] = [:]
    #expect(text.hasSuffix("\n"))
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# TYPE ") {
        let inserted = families.insert(line.split(separator: " ")[2]).inserted
        #expect(inserted, "family twice: \(line)")
      } else if !line.hasPrefix("#") {
        let space = try #require(line.lastIndex(of: " "))
        let name = line[..<(line.firstIndex(of: "{") ?? space)]
        #expect(families.contains { name == $0 || name.hasPrefix("\($0)_") }, "\(line)")
        let key = String(line[..<space])
        #expect(samples[key] == nil, "sample twice: \(line)")
        let value = String(line[line.index(after: space)...])
        samples[key] = try #require(Double(value))
      }
    }
    return samples
  }
}
