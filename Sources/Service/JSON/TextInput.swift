/// `"text"` or `["text", …]`, as both embedding interfaces take their input.
enum TextInput: Decodable, Sendable, Equatable {
  case one(String)
  case many([String])
  /// Token ids of the client's own tokenizer: recognised so that they can be refused by name.
  case tokenIDs

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self = .one(text)
    } else if let texts = try? value.decode([String].self) {
      self = .many(texts)
    } else if Self.holdsTokenIDs(value) {
      self = .tokenIDs
    } else {
      throw DecodingError.typeMismatch(
        TextInput.self,
        .init(codingPath: decoder.codingPath, debugDescription: "neither text nor list of texts"))
    }
  }

  private static func holdsTokenIDs(_ value: any SingleValueDecodingContainer) -> Bool {
    (try? value.decode([Int].self)) != nil || (try? value.decode([[Int]].self)) != nil
  }
}
