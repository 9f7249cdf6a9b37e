import Foundation
import Service
import Testing

@Suite("failures and access") struct FailureTests {
  struct Oops: Error {}

  @Test(
    "what the backend throws decides the status; details of defects stay inside",
    arguments: [
      (BackendError(.unavailable, "encode first") as any Error, 503, "Unavailable", "encode first"),
      (BackendError(.badRequest, "too odd"), 422, "Validation", "too odd"),
      (BackendError(.internalError, "secret path"), 500, "Internal", "internal error"),
      (Oops(), 500, "Internal", "internal error"),
    ])
  func backendErrors(thrown: any Error, status: Int, type: String, message: String) async throws {
    try await withServer { server in
      server.backend.fail(with: thrown)
      for (path, json) in [("/search", #"{"query":"a"}"#), ("/embed", #"{"inputs":"a"}"#)] {
        let answer = try await server.post(path, json)
        #expect(answer.status == status)
        let error: StoreError = try answer.decode()
        #expect(error.error_type == type)
        #expect(error.error.contains(message))
        #expect(!error.error.contains("secret"))
        #expect((answer.headers["retry-after"] != nil) == (status == 503))
      }
    }
  }

  @Test(
    "OpenAI's route tells backend failures in OpenAI's shape",
    arguments: [
      (BackendError(.unavailable, "wait"), 503, "server_error", "service_unavailable"),
      (BackendError(.internalError, "x"), 500, "server_error", nil),
      (BackendError(.badRequest, "x"), 422, "invalid_request_error", nil),
    ] as [(BackendError, Int, String, String?)])
  func openAI(thrown: BackendError, status: Int, type: String, code: String?) async throws {
    try await withServer { server in
      server.backend.fail(with: thrown)
      let answer = try await server.post("/v1/embeddings", #"{"input":"a"}"#)
      #expect(answer.status == status)
      let error = try answer.decode(OpenAIError.self).error
      #expect(error.type == type)
      #expect(error.code == code)
    }
  }

  @Test(
    "unknown paths and wrong methods are told in the route's own shape",
    arguments: [
      ("GET", "/nowhere", 404, nil), ("GET", "/", 404, nil), ("POST", "/health", 405, "GET, HEAD"),
      ("DELETE", "/search", 405, "GET, HEAD, POST"), ("GET", "/embed", 405, "POST"),
      ("GET", "/embed/", 405, "POST"), ("PUT", "/metrics", 405, "GET, HEAD"),
    ] as [(String, String, Int, String?)])
  func unmatched(method: String, path: String, status: Int, allow: String?) async throws {
    try await withServer { server in
      let answer = try await server.send(method, path)
      #expect(answer.status == status)
      #expect(answer.headers["allow"] == allow)
      let error: StoreError = try answer.decode()
      #expect(error.error_type == "NotFound")
      #expect(error.error.contains(path))
    }
  }

  @Test("unknown paths under /v1 are told as OpenAI does; HEAD gets no body")
  func unmatchedOpenAI() async throws {
    try await withServer { server in
      let answer = try await server.get("/v1/models")
      #expect(answer.status == 404)
      #expect(try answer.decode(OpenAIError.self).error.code == "unknown_url")
      let wrong = try await server.get("/v1/embeddings")
      #expect(try wrong.decode(OpenAIError.self).error.code == "method_not_supported")
      let head = try await server.send("HEAD", "/nowhere")
      #expect(head.status == 404)
      #expect(head.body.isEmpty)
    }
  }

  @Test("a number JSON cannot say is a defect, not a broken answer")
  func notANumber() async throws {
    try await withServer { server in
      for format in ["float", "base64"] {
        let answer = try await server.post(
          "/v1/embeddings", #"{"input":"nan","encoding_format":"\#(format)"}"#)
        #expect(answer.status == 500)
        #expect(try answer.decode(OpenAIError.self).error.type == "server_error")
        #expect(try answer.decode(OpenAIError.self).error.message.contains("x-request-id"))
      }
    }
  }

  @Test("the client's request id comes back, an unsound or missing one is replaced")
  func requestIDs() async throws {
    try await withServer { server in
      let given = try await server.get("/health", headers: ["x-request-id": "abc-123"])
      #expect(given.headers["x-request-id"] == "abc-123")
      let onError = try await server.get("/nowhere", headers: ["x-request-id": "e-1"])
      #expect(onError.headers["x-request-id"] == "e-1")
      let long = String(repeating: "x", count: 129)
      var replaced: Set<String> = []
      for headers in [[:], ["x-request-id": long], ["x-request-id": "a b"]] {
        let id = try #require(
          try await server.get("/health", headers: headers).headers["x-request-id"])
        #expect(!id.isEmpty && id != long && id != "a b")
        replaced.insert(id)
      }
      #expect(replaced.count == 3)
    }
  }

  @Test("with keys, only the public routes answer without one")
  func apiKeys() async throws {
    try await withServer { $0.apiKeys = ["first", "second"] } _: { server in
      for path in ["/health", "/ready", "/metrics"] {
        let answer = try await server.get(path)
        #expect(answer.status == 200, "\(path)")
      }
      for path in ["/info", "/search?q=a", "/nowhere"] {
        let answer = try await server.get(path)
        #expect(answer.status == 401, "\(path)")
        #expect(answer.headers["www-authenticate"] == "Bearer")
        #expect(try answer.decode(StoreError.self).error_type == "Unauthorized")
      }
      let openAI = try await server.post("/v1/embeddings", #"{"input":"a"}"#)
      #expect(try openAI.decode(OpenAIError.self).error.code == "invalid_api_key")
    }
  }

  @Test(
    "each key opens the door, in any case of the scheme; nothing else does",
    arguments: [
      ("Bearer first", 200), ("bearer second", 200), ("BEARER  first", 200), ("Bearer firs", 401),
      ("Bearer firstx", 401), ("Bearer ", 401), ("Bearer", 401), ("Basic first", 401),
      ("first", 401), ("Bearer firstfirst", 401), ("Bearer First", 401),
    ])
  func bearer(header: String, status: Int) async throws {
    try await withServer { $0.apiKeys = ["first", "second"] } _: { server in
      let answer = try await server.get("/info", headers: ["authorization": header])
      #expect(answer.status == status)
    }
  }
}
