import Foundation
import Service
import Testing

@Suite("search routes") struct SearchRouteTests {
  struct Body: Decodable {
    struct Hit: Decodable {
      let id: String
      let score: Float
      let provenance: String
      let predictedError: Double?
      let title: String
      let text: String
    }
    let query: String
    let generation: Int
    let encoder: String
    let hits: [Hit]
  }

  struct Batch: Decodable {
    let results: [Body]
  }

  @Test("one query answers with the search object, keys in the agreed order, byte for byte")
  func oneQuery() async throws {
    try await withServer { server in
      let answer = try await server.post("/search", #"{"query": "rain falls", "k": 1}"#)
      let hit = try #require(
        try server.backend.search(SearchQuery(text: "rain falls", limit: 1)).hits.first)
      let expected =
        #"{"query":"rain falls","generation":7,"encoder":"f00d","hits":[{"id":"rain","#
        + #""score":\#(hit.score),"provenance":"corrected","predictedError":0.125,"title":"","#
        + #""text":"rain falls on the \"plain\"\n"}]}"#
      #expect(answer.status == 200)
      #expect(answer.text == expected)
      #expect(answer.headers["content-type"] == "application/json")
    }
  }

  @Test("encoded hits carry no predicted error")
  func encodedHits() async throws {
    try await withServer { server in
      let body: Body = try await server.post("/search", #"{"query":"black tea"}"#).decode()
      #expect(body.hits.count == WordBackend.corpus.count)
      let best = try #require(body.hits.first)
      #expect(best.id == "tea")
      #expect(best.provenance == "encoded")
      #expect(best.predictedError == nil)
    }
  }

  @Test("several queries answer in order, each like a search of its own")
  func severalQueries() async throws {
    try await withServer { server in
      let texts = ["black tea", "cold sea", "rain ☔ \u{1}"]
      let json = String(decoding: try JSONEncoder().encode(["queries": texts]), as: UTF8.self)
      let batch: Batch = try await server.post("/search", json).decode()
      #expect(batch.results.map(\.query) == texts)
      for (text, result) in zip(texts, batch.results) {
        let alone = try server.backend.search(SearchQuery(text: text))
        #expect(result.hits.map(\.id) == alone.hits.map(\.id))
        #expect(result.hits.map(\.score) == alone.hits.map(\.score))
      }
    }
  }

  @Test("a list of one query still answers with results")
  func listOfOne() async throws {
    try await withServer { server in
      let batch: Batch = try await server.post("/search", #"{"queries":["tea"]}"#).decode()
      #expect(batch.results.count == 1)
    }
  }

  @Test(
    "k, its other name and exact reach the backend; unknown keys are ignored",
    arguments: [
      (#"{"query":"tea"}"#, 10, false),
      (#"{"query":"tea","k":2}"#, 2, false),
      (#"{"query":"tea","limit":1000,"exact":true,"colour":[1]}"#, 1000, true),
      (#"{"query":"tea","k":3,"limit":3,"exact":false}"#, 3, false),
      (#"{"query":"tea","k":null,"exact":null}"#, 10, false),
    ])
  func options(json: String, limit: Int, exact: Bool) async throws {
    try await withServer { server in
      let answer = try await server.post("/search", json)
      #expect(answer.status == 200)
      let expected = SearchQuery(text: "tea", limit: limit, isExact: exact)
      #expect(server.backend.searchesSeen == [expected])
    }
  }

  @Test("what narrows a search reaches the backend, by either method")
  func narrowing() async throws {
    try await withServer { server in
      let json = #"""
        {"query":"tea","filter":"n > 1","minimumScore":0.5,"offset":20,"hybrid":true}
        """#
      let url = "/search?q=tea&filter=n%20%3E%201&offset=3&hybrid=1"
      let answers = try await [server.post("/search", json), server.get(url)]
      #expect(answers.map(\.status) == [200, 200])
      #expect(
        server.backend.searchesSeen == [
          SearchQuery(
            text: "tea", filter: "n > 1", minimumScore: 0.5, offset: 20, isHybrid: true),
          SearchQuery(text: "tea", filter: "n > 1", offset: 3, isHybrid: true),
        ])
      for wrong in [#"{"query":"a","offset":-1}"#, #"{"query":"a","offset":10001}"#] {
        let answer = try await server.post("/search", wrong)
        #expect(answer.status == 422)
      }
    }
  }

  @Test(
    "GET reads the URL's query",
    arguments: [
      ("q=green+tea", "green tea", 10, false),
      ("q=green%20tea&k=2&exact=true", "green tea", 2, true),
      ("limit=5&q=1%2B1%3D2&exact=0&x=y", "1+1=2", 5, false),
      ("q=caf%C3%A9&q=other", "café", 10, false),
    ])
  func urlQuery(query: String, text: String, limit: Int, exact: Bool) async throws {
    try await withServer { server in
      let body: Body = try await server.get("/search?\(query)").decode()
      #expect(body.query == text)
      #expect(
        server.backend.searchesSeen == [SearchQuery(text: text, limit: limit, isExact: exact)])
    }
  }

  @Test(
    "what cannot be searched is refused in words",
    arguments: [
      (#"{"k":1}"#, 422, "'query' (or 'queries') is missing"),
      (#"{"query":"a","queries":["b"]}"#, 422, "give 'query' or 'queries', not both"),
      (#"{"query":""}"#, 400, "'query' is empty"),
      (#"{"queries":[]}"#, 400, "'queries' is an empty list"),
      (#"{"queries":["a",""]}"#, 400, "'queries[1]' is empty"),
      (#"{"query":7}"#, 422, "'query' must be a string"),
      (#"{"queries":["a",7]}"#, 422, "'queries[1]' must be a string"),
      (#"{"query":"a","k":0}"#, 422, "'k' must be in 1...1000, was 0"),
      (#"{"query":"a","limit":1001}"#, 422, "'limit' must be in 1...1000, was 1001"),
      (#"{"query":"a","k":1,"limit":2}"#, 422, "'k' is 1 but 'limit' is 2"),
      (#"{"query":"a","k":"5"}"#, 422, "'k' must be an integer"),
      (#"{"query":"a","k":1.5}"#, 422, "'k' must be an integer"),
      (#"{"query":"a","exact":1}"#, 422, "'exact' must be true or false"),
      (#"["a"]"#, 422, "the body must be a JSON object"),
      (#"{"query":"a","k":99999999999999999999}"#, 422, "'k' must be an integer"),
      (#"{"query":"a""#, 400, "not valid JSON, line 1, column 13: expected ',' or '}'"),
      (#"{"query" "a"}"#, 400, "line 1, column 10: expected ':'"),
      (#"{"query":"\q"}"#, 400, "line 1, column 12"),
      ("", 400, "the body is empty"),
      (#"{"query":"0123456789abcdefg"}"#, 422, "'query' is 17 bytes long, at most 16"),
      (#"{"queries":["a","b","c","d"]}"#, 422, "'queries' holds 4 texts, at most 3"),
    ])
  func refusals(json: String, status: Int, message: String) async throws {
    try await withServer {
      $0.maximumTextBytes = 16
      $0.maximumBatchTexts = 3
    } _: { server in
      let answer = try await server.post("/search", json)
      #expect(answer.status == status)
      let error: StoreError = try answer.decode()
      #expect(error.error.contains(message), "\(error.error)")
      #expect(error.error_type == "Validation")
      #expect(server.backend.searchesSeen.isEmpty)
    }
  }

  @Test(
    "a URL that cannot be read is refused in words",
    arguments: [
      ("", 422, "'q' is missing"), ("?q=", 400, "'query' is empty"),
      ("?q=a&k=ten", 422, "'k' must be an integer, was 'ten'"),
      ("?q=a&exact=maybe", 422, "'exact' must be true or false, was 'maybe'"),
      ("?q=%ff", 400, "broken percent-encoding"),
    ])
  func badURLs(query: String, status: Int, message: String) async throws {
    try await withServer { server in
      let answer = try await server.get("/search\(query)")
      #expect(answer.status == status)
      #expect(try answer.decode(StoreError.self).error.contains(message), "\(answer.text)")
    }
  }

  @Test("the answer carries the generation that the backend answered from")
  func generation() async throws {
    try await withServer { server in
      for generation in [7, 8, 7] {
        server.backend.generation = generation
        let body: Body = try await server.post("/search", #"{"query":"tea"}"#).decode()
        #expect(body.generation == generation)
      }
    }
  }
}
