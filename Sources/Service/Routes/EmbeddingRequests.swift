/// The body of `POST /v1/embeddings`: OpenAI's, plus `input_type`.
struct OpenAIEmbeddingRequest: Decodable, Sendable {
  enum Format: String, Sendable {
    case float
    case base64
  }

  var input: TextInput
  var model: String?
  var encodingFormat: String?
  var dimensions: WholeNumber?
  /// `"query"` or `"passage"` (also `"document"`); not OpenAI's, but common among servers.
  var inputType: String?

  enum CodingKeys: String, CodingKey {
    case input, model, dimensions
    case encodingFormat = "encoding_format"
    case inputType = "input_type"
  }

  /// The format of the answer's vectors; OpenAI's default is `float`.
  func format() throws(RequestFailure) -> Format {
    guard let encodingFormat else { return .float }
    guard let format = Format(rawValue: encodingFormat) else {
      throw .validation(
        "encoding_format", "'encoding_format' must be 'float' or 'base64', was '\(encodingFormat)'")
    }
    return format
  }
}

/// The body of `POST /embed`: the part of text-embeddings-inference's that makes sense here.
struct TextEmbeddingsRequest: Decodable, Sendable {
  var inputs: TextInput
  /// `"query"` or `"passage"` (also `"document"`).
  var promptName: String?
  var normalize: Bool?
  var dimensions: WholeNumber?

  enum CodingKeys: String, CodingKey {
    case inputs, normalize, dimensions
    case promptName = "prompt_name"
  }
}

extension EmbeddingRole {
  /// The role a request asks for by name; passages when it asks for none.
  static func named(_ name: String?, field: String) throws(RequestFailure) -> EmbeddingRole {
    switch name {
    case nil, "passage", "document": return .passage
    case "query": return .query
    case let other?:
      throw .validation(field, "'\(field)' must be 'query' or 'passage', was '\(other)'")
    }
  }
}
