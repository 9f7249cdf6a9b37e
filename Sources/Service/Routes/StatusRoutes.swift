internal import NIOCore

/// `GET /health`, `/ready`, `/info` and `/metrics`.
struct StatusRoutes: Sendable {
  let backend: any RetrievalBackend
  let configuration: ServiceConfiguration
  let metrics: ServiceMetrics

  /// The process is up and answers. Asks nobody.
  @Sendable func health(_: IncomingRequest) throws -> RoutePayload {
    try .json { json in
      json.object { json in
        json.key("status")
        json.string("ok")
      }
    }
  }

  /// A search would be answered: there is an active generation.
  @Sendable func ready(_: IncomingRequest) throws -> RoutePayload {
    let info = try backend.info()
    guard let generation = info.generation else {
      throw RequestFailure(
        .unavailable, "no generation is active yet; encode the collection first")
    }
    return try .json { json in
      json.object { json in
        json.key("status")
        json.string("ready")
        json.key("generation")
        json.integer(generation)
      }
    }
  }

  /// What is served, and the limits a client has to keep.
  @Sendable func info(_: IncomingRequest) throws -> RoutePayload {
    let info = try backend.info()
    return try .json { json in
      json.object { json in
        json.write(info)
        json.key("limits")
        json.write(configuration)
      }
    }
  }

  /// Prometheus' text format. Without a backend the service's own numbers are still there.
  @Sendable func metricsText(_: IncomingRequest) throws -> RoutePayload {
    let text = metrics.text(info: try? backend.info())
    return RoutePayload(contentType: MetricText.contentType, body: ByteBuffer(string: text))
  }
}

extension JSONWriter {
  fileprivate mutating func write(_ info: ServiceInfo) {
    key("generation")
    if let generation = info.generation { integer(generation) } else { null() }
    key("encoder")
    if let encoder = info.encoder { string(encoder) } else { null() }
    key("model")
    string(info.model)
    let numbers = [
      ("dimension", info.dimension), ("passages", info.passages), ("encoded", info.encoded),
      ("corrected", info.corrected), ("pending", info.pending),
    ]
    for (name, value) in numbers {
      key(name)
      integer(value)
    }
    key("version")
    string(info.version)
  }

  fileprivate mutating func write(_ configuration: ServiceConfiguration) {
    let numbers = [
      ("concurrentRequests", configuration.maximumConcurrentRequests),
      ("batchTexts", configuration.maximumBatchTexts),
      ("textBytes", configuration.maximumTextBytes),
      ("bodyBytes", configuration.maximumBodyBytes),
    ]
    object { json in
      for (name, value) in numbers {
        json.key(name)
        json.integer(value)
      }
    }
  }
}
