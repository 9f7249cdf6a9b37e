/// `POST /v1/embeddings` (OpenAI's shape) and `POST /embed` (text-embeddings-inference's shape).
struct EmbeddingRoutes: Sendable {
  let backend: any RetrievalBackend
  let limits: TextLimits
  let metrics: ServiceMetrics

  @Sendable func openAI(_ request: IncomingRequest) throws -> RoutePayload {
    let body = try request.body.decode(OpenAIEmbeddingRequest.self)
    let format = try body.format()
    let role = try EmbeddingRole.named(body.inputType, field: "input_type")
    let texts = try limits.texts(of: body.input, field: "input")
    try checkDimensions(body.dimensions?.value)
    let answer = try embed(texts, role)
    var payload = try RoutePayload.json { json in
      try json.openAI(answer, model: body.model ?? answer.model, format: format)
    }
    payload.headers = headers(for: answer)
    return payload
  }

  @Sendable func textEmbeddingsInference(_ request: IncomingRequest) throws -> RoutePayload {
    let body = try request.body.decode(TextEmbeddingsRequest.self)
    let role = try EmbeddingRole.named(body.promptName, field: "prompt_name")
    guard body.normalize != false else {
      throw RequestFailure.validation(
        "normalize", "'normalize': false is not offered; the encoder decides, as in its index")
    }
    let texts = try limits.texts(of: body.inputs, field: "inputs")
    try checkDimensions(body.dimensions?.value)
    let answer = try embed(texts, role)
    var payload = try RoutePayload.json { json in
      try json.array(answer.vectors) { json, vector in try json.vector(vector) }
    }
    payload.headers = headers(for: answer)
    return payload
  }
}

extension EmbeddingRoutes {
  /// Embeds and counts; an answer of the wrong shape is a defect of the backend.
  private func embed(_ texts: [String], _ role: EmbeddingRole) throws -> EmbeddingAnswer {
    let answer = try backend.embed(texts, role: role)
    guard answer.vectors.count == texts.count else {
      throw BackendError(
        .internalError, "embed answered \(answer.vectors.count) vectors for \(texts.count) texts")
    }
    metrics.embeddedTexts.add(texts.count)
    metrics.embeddedTokens.add(answer.tokenCounts.reduce(0, +))
    metrics.truncatedTexts.add(answer.truncatedTexts)
    return answer
  }

  private func checkDimensions(_ wanted: Int?) throws {
    guard let wanted else { return }
    let dimension = try backend.info().dimension
    guard wanted == dimension else {
      throw RequestFailure.validation(
        "dimensions",
        "'dimensions' must be \(dimension), was \(wanted); embeddings are not shortened here")
    }
  }

  /// Which encoder it was, and whether anything was cut off: nothing is truncated in silence.
  private func headers(for answer: EmbeddingAnswer) -> [(name: String, value: String)] {
    [
      ("x-encoder-fingerprint", answer.encoder),
      ("x-truncated-texts", answer.truncatedTexts.description),
    ]
  }
}
