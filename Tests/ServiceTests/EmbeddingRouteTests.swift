import Foundation
import Service
import Testing

@Suite("embedding routes") struct EmbeddingRouteTests {
  struct List<Embedding: Decodable>: Decodable {
    struct Item: Decodable {
      let object: String
      let index: Int
      let embedding: Embedding
    }
    struct Usage: Decodable, Equatable {
      let prompt_tokens: Int
      let total_tokens: Int
    }
    let object: String
    let data: [Item]
    let model: String
    let usage: Usage
  }

  static let texts = ["green tea", "the cold sea and the rain", "x"]

  @Test("one text answers in OpenAI's shape, byte for byte")
  func openAIBytes() async throws {
    try await withServer { server in
      let answer = try await server.post("/v1/embeddings", #"{"input":"tea tea","model":"m"}"#)
      let numbers = WordBackend.vector("tea tea").map(\.description).joined(separator: ",")
      let expected =
        #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[\#(numbers)]}],"#
        + #""model":"m","usage":{"prompt_tokens":2,"total_tokens":2}}"#
      #expect(answer.text == expected)
      #expect(answer.headers["x-encoder-fingerprint"] == WordBackend.fingerprint)
      #expect(answer.headers["x-truncated-texts"] == "0")
    }
  }

  @Test("float answers hold exactly the backend's numbers, in order")
  func floats() async throws {
    try await withServer { server in
      let list: List<[Float]> = try await post(["input": .list(Self.texts)], to: server).decode()
      #expect(list.data.map(\.index) == [0, 1, 2])
      #expect(list.data.map(\.embedding) == Self.texts.map(WordBackend.vector))
      #expect(list.model == "word-counts")
      #expect(list.usage == .init(prompt_tokens: 9, total_tokens: 9))
    }
  }

  @Test("base64 answers decode to exactly the same numbers")
  func base64() async throws {
    try await withServer { server in
      let list: List<String> = try await post(
        ["input": .list(Self.texts), "encoding_format": .text("base64")], to: server
      ).decode()
      for (text, item) in zip(Self.texts, list.data) {
        let bytes = Array(try #require(Data(base64Encoded: item.embedding)))
        #expect(littleEndianFloats(bytes) == WordBackend.vector(text))
      }
    }
  }

  @Test("a text that loses its end is announced")
  func truncation() async throws {
    try await withServer { server in
      let long = String(repeating: "word ", count: WordBackend.maximumTokens + 1)
      let answer = try await post(["input": .list([long, "short"])], to: server)
      #expect(answer.headers["x-truncated-texts"] == "1")
      #expect(
        try answer.decode(List<[Float]>.self).usage.total_tokens == WordBackend.maximumTokens + 1)
    }
  }

  @Test(
    "the role is the request's, passage when it names none",
    arguments: [
      ("/v1/embeddings", #"{"input":"a"}"#, EmbeddingRole.passage),
      ("/v1/embeddings", #"{"input":"a","input_type":"query"}"#, .query),
      ("/v1/embeddings", #"{"input":"a","input_type":"document"}"#, .passage),
      ("/embed", #"{"inputs":"a"}"#, .passage),
      ("/embed", #"{"inputs":"a","prompt_name":"query"}"#, .query),
      ("/embed", #"{"inputs":"a","prompt_name":"passage","normalize":true}"#, .passage),
    ])
  func roles(path: String, json: String, role: EmbeddingRole) async throws {
    try await withServer { server in
      let answer = try await server.post(path, json)
      #expect(answer.status == 200)
      #expect(server.backend.rolesSeen == [role])
    }
  }

  @Test("the right number of dimensions is accepted, on both routes")
  func dimensions() async throws {
    try await withServer { server in
      let size = WordBackend.dimension
      let one = try await server.post("/v1/embeddings", #"{"input":"a","dimensions":\#(size)}"#)
      let two = try await server.post("/embed", #"{"inputs":"a","dimensions":\#(size)}"#)
      #expect(one.status == 200)
      #expect(two.status == 200)
    }
  }

  @Test("/embed answers a list of vectors, for one text too")
  func textEmbeddingsInference() async throws {
    try await withServer { server in
      let one: [[Float]] = try await server.post("/embed", #"{"inputs":"green tea"}"#).decode()
      #expect(one == [WordBackend.vector("green tea")])
      let two: [[Float]] = try await server.post("/embed", #"{"inputs":["x","y"]}"#).decode()
      #expect(two == [WordBackend.vector("x"), WordBackend.vector("y")])
    }
  }

  @Test(
    "OpenAI's route refuses in OpenAI's shape",
    arguments: [
      (#"{"input":""}"#, 400, "input", "'input' is empty"),
      (#"{"input":[]}"#, 400, "input", "empty list"),
      (#"{"input":["a",""]}"#, 400, "input", "'input[1]' is empty"),
      (#"{"input":[1,2]}"#, 422, "input", "token ids"),
      (#"{"input":[[1],[2,3]]}"#, 422, "input", "token ids"),
      (#"{"input":{"a":1}}"#, 422, "input", "must be a string or a list of strings"),
      (#"{"input":["a",null]}"#, 422, "input", "must be a string or a list of strings"),
      (#"{"model":"m"}"#, 422, "input", "'input' is missing"),
      (#"{"input":"a","model":5}"#, 422, "model", "'model' must be a string"),
      (#"{"input":"a","encoding_format":"hex"}"#, 422, "encoding_format", "'hex'"),
      (#"{"input":"a","dimensions":8}"#, 422, "dimensions", "must be 16, was 8"),
      (#"{"input":"a","input_type":"poem"}"#, 422, "input_type", "'poem'"),
      (#"{"input":["a","b","c","d"]}"#, 422, "input", "holds 4 texts, at most 3"),
      (#"{"input":"0123456789abcdefg"}"#, 422, "input", "17 bytes"),
      (#"{"input":}"#, 400, nil, "not valid JSON"),
    ] as [(String, Int, String?, String)])
  func openAIRefusals(json: String, status: Int, field: String?, message: String) async throws {
    try await withServer {
      $0.maximumTextBytes = 16
      $0.maximumBatchTexts = 3
    } _: { server in
      let answer = try await server.post("/v1/embeddings", json)
      #expect(answer.status == status)
      let error = try answer.decode(OpenAIError.self).error
      #expect(error.message.contains(message), "\(error.message)")
      #expect(error.type == "invalid_request_error")
      #expect(error.param == field)
      #expect(server.backend.rolesSeen.isEmpty)
    }
  }

  @Test(
    "/embed refuses in the store's shape",
    arguments: [
      (#"{"inputs":""}"#, 400, "'inputs' is empty"),
      (#"{"inputs":[]}"#, 400, "empty list"),
      (#"{"inputs":[5]}"#, 422, "token ids"),
      (#"{}"#, 422, "'inputs' is missing"),
      (#"{"inputs":"a","prompt_name":"x"}"#, 422, "'prompt_name' must be 'query' or 'passage'"),
      (#"{"inputs":"a","normalize":false}"#, 422, "'normalize': false is not offered"),
      (#"{"inputs":"a","dimensions":15}"#, 422, "'dimensions' must be 16, was 15"),
    ])
  func embedRefusals(json: String, status: Int, message: String) async throws {
    try await withServer { server in
      let answer = try await server.post("/embed", json)
      #expect(answer.status == status)
      let error: StoreError = try answer.decode()
      #expect(error.error.contains(message), "\(error.error)")
      #expect(error.error_type == "Validation")
    }
  }

  private enum Value: Encodable {
    case text(String)
    case list([String])

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .list(let texts): try container.encode(texts)
      }
    }
  }

  private func post(_ body: [String: Value], to server: TestServer) async throws -> Answer {
    let json = try JSONEncoder().encode(body)
    return try await server.post("/v1/embeddings", String(decoding: json, as: UTF8.self))
  }

  private func littleEndianFloats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
      return Float(bitPattern: bits)
    }
  }
}
