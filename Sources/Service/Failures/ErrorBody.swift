internal import NIOCore

/// The two shapes an error is told in.
enum ErrorStyle: Sendable {
  /// `{"error": "…", "error_type": "…"}`, as text-embeddings-inference does.
  case store
  /// `{"error": {"message", "type", "param", "code"}}`, as OpenAI does.
  case openAI

  /// Routes under `/v1/` speak OpenAI's dialect, unknown ones too.
  init(path: String) {
    self = path == "/v1" || path.hasPrefix("/v1/") ? .openAI : .store
  }
}

extension RequestFailure {
  /// The JSON body of this failure.
  func body(in style: ErrorStyle) -> ByteBuffer {
    var json = JSONWriter()
    switch style {
    case .store: writeStoreShape(&json)
    case .openAI: writeOpenAIShape(&json)
    }
    return json.buffer
  }

  private func writeStoreShape(_ json: inout JSONWriter) {
    json.object { json in
      json.key("error")
      json.string(message)
      json.key("error_type")
      json.string(typeName)
    }
  }

  private func writeOpenAIShape(_ json: inout JSONWriter) {
    json.object { json in
      json.key("error")
      json.object { json in
        json.key("message")
        json.string(message)
        json.key("type")
        json.string(openAIType)
        json.key("param")
        if let parameter { json.string(parameter) } else { json.null() }
        json.key("code")
        if let openAICode { json.string(openAICode) } else { json.null() }
      }
    }
  }

  private var openAIType: String {
    switch kind {
    case .malformed, .empty, .unauthorized, .notFound, .methodNotAllowed, .bodyTooLarge,
      .validation:
      "invalid_request_error"
    case .overloaded: "requests"
    case .internalError, .unavailable: "server_error"
    }
  }

  private var openAICode: String? {
    switch kind {
    case .unauthorized: "invalid_api_key"
    case .notFound: "unknown_url"
    case .methodNotAllowed: "method_not_supported"
    case .bodyTooLarge: "request_too_large"
    case .overloaded: "rate_limit_exceeded"
    case .unavailable: "service_unavailable"
    case .malformed, .empty, .validation, .internalError: nil
    }
  }
}
