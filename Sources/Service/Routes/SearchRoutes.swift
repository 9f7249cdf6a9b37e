/// `GET /search` and `POST /search`.
struct SearchRoutes: Sendable {
  let backend: any RetrievalBackend
  let limits: TextLimits
  let metrics: ServiceMetrics

  /// One query answers with the search object, several with `{"results": […]}`.
  @Sendable func post(_ request: IncomingRequest) throws -> RoutePayload {
    let body = try request.body.decode(SearchRequest.self)
    let queries = try body.checked(limits)
    let answers = try queries.map(search)
    return try .json { json in
      if body.queries == nil, let query = queries.first, let answer = answers.first {
        try json.search(query, answer)
      } else {
        try json.object { json in
          json.key("results")
          try json.array(zip(queries, answers)) { json, pair in try json.search(pair.0, pair.1) }
        }
      }
    }
  }

  @Sendable func get(_ request: IncomingRequest) throws -> RoutePayload {
    let queries = try SearchRequest(urlQuery: request.query).checked(limits)
    let answers = try queries.map(search)
    return try .json { json in
      for (query, answer) in zip(queries, answers) { try json.search(query, answer) }
    }
  }

  private func search(_ query: SearchQuery) throws -> SearchAnswer {
    let answer = try backend.search(query)
    metrics.searches.add(1)
    return answer
  }
}

extension JSONWriter {
  /// The object that `freshet search --json` prints too: same keys, same order.
  fileprivate mutating func search(_ query: SearchQuery, _ answer: SearchAnswer) throws {
    try object { json in
      json.key("query")
      json.string(query.text)
      json.key("generation")
      json.integer(answer.generation)
      json.key("encoder")
      json.string(answer.encoder)
      json.key("hits")
      try json.array(answer.hits) { json, hit in try json.hit(hit) }
    }
  }

  private mutating func hit(_ hit: SearchHit) throws {
    try object { json in
      json.key("id")
      json.string(hit.id)
      json.key("score")
      try json.float(hit.score)
      json.key("provenance")
      json.string(hit.provenance.rawValue)
      if let error = hit.predictedError {
        json.key("predictedError")
        try json.double(error)
      }
      json.key("title")
      json.string(hit.title)
      json.key("text")
      json.string(hit.text)
    }
  }
}
